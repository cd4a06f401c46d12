"""One server and one browser for all tests of the app in a process."""

import pytest
from app_person import serving

server = pytest.fixture(scope="session")(serving)
