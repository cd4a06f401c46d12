"""What the package metadata says of its home, known only where it is built.

The repository is read from the environment of the workflow that builds (``GITHUB_SERVER_URL`` and
``GITHUB_REPOSITORY``, or ``LUMBAYES_HOME``): then the metadata has project addresses, and links of
the README into the repository work on a package index too. Without them nothing is claimed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"\]\((?!https?://|#)([^)]+)\)")


def home() -> str:
    """Return the address of the repository; empty if the environment does not tell."""
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    found = os.environ.get("LUMBAYES_HOME") or (f"{server}/{name}" if server and name else "")
    return found.rstrip("/")


def readme(text: str, address: str) -> str:
    """Return the page with links into the repository made whole, or made plain text."""
    if address:
        return LINK.sub(rf"]({address}/blob/HEAD/\1)", text)
    return re.sub(r"\[([^]]+)\]\((?!https?://|#)[^)]+\)", r"\1", text)


class CustomMetadataHook(MetadataHookInterface):
    """Fill in ``readme`` and ``urls``."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Change the metadata in place, as hatchling wants it."""
        address = home()
        page = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": readme(page, address)}
        if address:
            metadata["urls"] = {
                "Homepage": address,
                "Documentation": f"{address}/blob/HEAD/docs/index.md",
                "Changelog": f"{address}/blob/HEAD/CHANGELOG.md",
                "Issues": f"{address}/issues",
            }
