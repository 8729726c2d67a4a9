"""Where the book lives: one address, for launch buttons, notebooks and README."""

import ipaddress
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import yaml


def public_address(text):
    """Turn what git calls a remote into the http(s) address that a reader can open.

    A local path, a machine of the own network and a user's name or token never pass: what is
    returned stands in published pages. "" where `text` is not a public address.
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
    if parts.scheme == "ssh":  # ssh's port says nothing about https
        return f"https://{host}{parts.path}"
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def field(root):
    """Read (address, branch) from `repository` in _config.yml; the address is "" where it is empty.

    Raises:
        ValueError: the field holds something that is not the address of a repository.
    """
    settings = yaml.safe_load((Path(root) / "_config.yml").read_text("utf-8"))
    repository = settings.get("repository") or {}
    if not isinstance(repository, dict):
        repository = {"url": repository}
    text, branch = repository.get("url") or "", repository.get("branch") or "main"
    address = public_address(str(text))
    # What a browser shows while one looks at a branch or a file is no repository's address.
    if text and (not address or re.search(r"/(?:tree|blob|-)(?:/|$)", address)):
        raise ValueError(
            f"_config.yml: repository.url is {text!r}; write the https address of the repository "
            "(https://host/owner/name), or leave it empty."
        )
    if not re.fullmatch(r"[\w./-]+", branch if isinstance(branch, str) else " "):
        raise ValueError(f"_config.yml: repository.branch is {branch!r}; write its name in quotes.")
    return address, branch


def origin(root):
    """Return the public address of the remote `origin` of the book's own repository, or "".

    A repository that the book's folder merely lies in says nothing about the book.
    """

    def git(*command):
        ask = ["git", "-C", str(root), *command]
        done = subprocess.run(ask, capture_output=True, encoding="utf-8", errors="replace")
        return done.stdout.strip()

    try:
        top = git("rev-parse", "--show-toplevel")
        own = bool(top) and Path(top).samefile(root)
        return public_address(git("remote", "get-url", "origin")) if own else ""
    except OSError:  # no git on this machine
        return ""
