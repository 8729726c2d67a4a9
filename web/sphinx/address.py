"""Where the book lives: one address for the pages, the launch buttons and the notebooks."""

import ipaddress
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import yaml

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "_config.yml"


def public_address(text):
    """Turn what git calls a remote into the https address that a reader can open.

    A local path, a machine of the own network and a user's name or token never pass: what is
    returned stands in published pages.

    Args:
        text: an http, https or ssh address of a repository, or anything else.

    Returns:
        `https://host/owner/name` (http stays http), or "" where `text` is not a public address.
    """
    text = text.strip().rstrip("/").removesuffix(".git")
    # git's short form for ssh, git@host:owner/name; the dot tells it from a Windows drive.
    if short := re.fullmatch(r"(?:[\w.-]+@)?([\w-]+(?:\.[\w-]+)+):(?!/)(\S+)", text):
        text = f"ssh://{short[1]}/{short[2]}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    path = re.fullmatch(r"(?:/[\w.~-]+){2,}", parts.path)
    if parts.scheme not in ("http", "https", "ssh") or not path or parts.query or parts.fragment:
        return ""
    try:
        reachable = ipaddress.ip_address(host).is_global
    except ValueError:  # a name
        reachable = "." in host and not host.endswith((".local", ".localhost", ".internal"))
    if not reachable:
        return ""
    scheme = "http" if parts.scheme == "http" else "https"
    if parts.scheme == "ssh" or port is None:  # ssh's port says nothing about https
        return f"{scheme}://{host}{parts.path}"
    return f"{scheme}://{host}:{port}{parts.path}"


def field(root=ROOT):
    """Read the repository's address and branch from the one field in _config.yml.

    Returns:
        (address, branch); the address is "" where the field is empty.

    Raises:
        ValueError: the field holds something that is not the address of a repository.
    """
    settings = yaml.safe_load((Path(root) / CONFIG).read_text(encoding="utf8"))
    repository = settings.get("repository") or {}
    text = repository.get("url") or ""
    address = public_address(text)
    if text and not address:
        raise ValueError(
            f"{CONFIG}: repository.url is {text!r}; write the https address of the repository "
            "(https://host/owner/name), or leave it empty."
        )
    return address, repository.get("branch") or "main"


def origin(root=ROOT):
    """Return the public address of the git remote `origin`, or "" where there is none."""
    ask = ["git", "-C", str(root), "remote", "get-url", "origin"]
    try:
        answer = subprocess.run(ask, capture_output=True, encoding="utf-8", errors="replace")
    except FileNotFoundError:  # no git on this machine
        return ""
    return public_address(answer.stdout) if answer.returncode == 0 else ""


def address(root=ROOT):
    """Return the book's address: BOOK_REPOSITORY_URL, else the field, else `origin`, else ""."""
    if override := os.environ.get("BOOK_REPOSITORY_URL"):
        return public_address(override)
    return field(root)[0] or origin(root)
