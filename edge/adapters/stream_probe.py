"""Why does a network camera give no pictures? OpenCV does not say; the camera does, if asked in RTSP or HTTP."""

import hashlib
import re
import socket
from base64 import b64encode
from contextlib import ExitStack
from urllib.parse import unquote, urlsplit

from edge.adapters.frame_source import CameraDenied, CameraLost

_PORTS = {"rtsp": 554, "http": 80, "https": 443}


def without_password(address: str) -> str:
    """``address`` as people and logs may see it."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)


def explain(address: str, timeout_s: float = 3.0) -> CameraLost:
    """Ask the camera behind ``address`` why; gives the error to raise."""
    parts = urlsplit(address)
    title = without_password(address)
    if not parts.hostname:
        return CameraLost(f"{title}: the address names no host")
    try:
        status = _ask(address, timeout_s)
    except OSError as error:
        return CameraLost(f"{title}: {error.strerror or error}")
    if status in {401, 403}:
        return CameraDenied(f"{title}: the camera refuses the user name or password ({status})")
    if status == 404:
        return CameraLost(f"{title}: the camera knows no such path (404)")
    return CameraLost(f"{title}: it answers {status}, but no pictures come")


def _ask(address: str, timeout_s: float) -> int:
    """One DESCRIBE or GET, and one more with credentials if they are wanted; gives the status, 0 for none."""
    parts = urlsplit(address)
    place = (parts.hostname, parts.port or _PORTS.get(parts.scheme, 554))
    with ExitStack() as stack:
        link = stack.enter_context(socket.create_connection(place, timeout_s))
        if parts.scheme == "https":
            import ssl

            secure = ssl.create_default_context().wrap_socket(link, server_hostname=parts.hostname)
            link = stack.enter_context(secure)
        status, headers = _exchange(link, address, 1, "")
        if status == 401 and parts.username is not None and (answer := _authorise(address, headers)):
            status, _ = _exchange(link, address, 2, answer)
    return status


def _target(address: str) -> tuple[str, str, str]:
    """Method, request target, protocol."""
    parts = urlsplit(address)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "rtsp":
        port = f":{parts.port}" if parts.port else ""
        return "DESCRIBE", f"rtsp://{parts.hostname}{port}{path}", "RTSP/1.0"
    return "GET", path, "HTTP/1.1"


def _exchange(link: socket.socket, address: str, number: int, authorization: str) -> tuple[int, str]:
    method, target, protocol = _target(address)
    lines = [f"{method} {target} {protocol}", f"CSeq: {number}", f"Host: {urlsplit(address).hostname}"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < 16_384 and (chunk := link.recv(4096)):
        answer += chunk
    text = answer.decode("latin-1")
    found = re.match(r"(?:RTSP|HTTP)/\d\.\d (\d{3})", text)
    return (int(found[1]) if found else 0), text


def _authorise(address: str, headers: str) -> str:
    """The Authorization header that answers a challenge: Digest (RFC 2617, MD5 without qop) or Basic."""
    parts = urlsplit(address)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    digest = re.search(r"(?im)^WWW-Authenticate:\s*Digest (.*)$", headers)
    if not digest:
        return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
    fields = dict(re.findall(r'(\w+)="([^"]*)"', digest[1]))
    realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
    method, target, _ = _target(address)
    secret = _md5(f"{_md5(f'{user}:{realm}:{password}')}:{nonce}:{_md5(f'{method}:{target}')}")
    return f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{target}", response="{secret}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
