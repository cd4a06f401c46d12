"""What the package metadata says of its home, known only where it is built.

The repository is read from ``LUMBAYES_HOME``; in an unpacked archive of the sources from what that
says itself; else from the workflow that builds (``GITHUB_SERVER_URL`` and ``GITHUB_REPOSITORY``),
if it builds its own checkout (``GITHUB_WORKSPACE``) and not a dependency. Then the metadata has
project addresses, and links of the README into the repository work on a package index too. Without
them nothing is claimed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"\]\((?!https?://|#)([^)]+)\)")


def home(root: Path) -> str:
    """Return the address of the repository; empty if nothing tells."""
    said = os.environ.get("LUMBAYES_HOME", "")
    packed = root / "PKG-INFO"
    if not said and packed.is_file():
        stated = re.search(r"^Project-URL: Homepage, (\S+)$", packed.read_text("utf-8"), re.M)
        return stated[1] if stated else ""
    place, server, name = (
        os.environ.get(f"GITHUB_{part}") for part in ("WORKSPACE", "SERVER_URL", "REPOSITORY")
    )
    if not said and place and server and name and Path(place).resolve() == root.resolve():
        said = f"{server}/{name}"
    return said.rstrip("/")


def readme(text: str, address: str) -> str:
    """Return the page with links into the repository made whole, or made plain text."""
    if address:
        return LINK.sub(rf"]({address}/blob/HEAD/\1)", text)
    return re.sub(r"\[([^]]+)\]\((?!https?://|#)[^)]+\)", r"\1", text)


class CustomMetadataHook(MetadataHookInterface):
    """Fill in ``readme`` and ``urls``."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Change the metadata in place, as hatchling wants it."""
        address = home(Path(self.root))
        page = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": readme(page, address)}
        if address:
            metadata["urls"] = {
                "Homepage": address,
                "Documentation": f"{address}/blob/HEAD/docs/index.md",
                "Changelog": f"{address}/blob/HEAD/CHANGELOG.md",
                "Issues": f"{address}/issues",
            }
