"""What goes wrong between here and a Label Studio server, as sentences that name what to set."""

import re
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.tokens import TokenKind
from annotriage.names import plain_line

SERVING, ROOT = "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED", "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT"
"""The two switches of a server without which it shows no file of its own disk."""
_PERSONAL = "make a personal access token in Label Studio under Account & Settings → Personal Access Token"
_LEGACY_ON = "an owner switches them on under Organization → API Tokens Settings"


class UnreachableError(AnnotriageError):
    """The server did not answer.

    Attributes
    ----------
    unsent : bool
        The request certainly did not reach it.
    """

    def __init__(self, text: str, *, unsent: bool) -> None:
        super().__init__(text)
        self.unsent = unsent


class RefusedError(AnnotriageError):
    """The server answered, and refused.

    Attributes
    ----------
    status : int
    said : str
        In its own words.
    """

    def __init__(self, text: str, status: int, said: str) -> None:
        super().__init__(text)
        self.status = status
        self.said = said


class WrongTokenError(RefusedError):
    """The server does not take the token."""


def unreachable(error: Exception, address: str) -> AnnotriageError:
    """Return the sentence for an error of requests'."""
    from requests import exceptions as kinds
    from urllib3.exceptions import NewConnectionError

    from annotriage.datasets.fetching.network import network_trouble

    if isinstance(error, kinds.ConnectTimeout):
        return UnreachableError(
            f"{address} does not answer: is the computer on, and in the same network (or VPN) as this one?", unsent=True
        )
    if isinstance(error, kinds.SSLError):
        text = str(error)
        if "WRONG_VERSION_NUMBER" in text or "wrong version number" in text:
            return UnreachableError(
                f"{address} does not speak https: write http:// before the address, if that is meant.", unsent=True
            )
        return UnreachableError(f"{_capital(network_trouble(error, address))}.", unsent=True)
    if isinstance(error, kinds.ConnectionError) and not isinstance(error, kinds.ChunkedEncodingError):
        reason = error.args[0] if error.args else None
        unsent = isinstance(getattr(reason, "reason", reason), NewConnectionError)
        return UnreachableError(
            f"{address} cannot be reached: is Label Studio running there, and is the address (with its port) right?"
            if unsent
            else f"The connection to {address} was cut: is Label Studio still running there?",
            unsent=unsent,
        )
    if isinstance(error, kinds.InvalidURL | kinds.InvalidSchema | kinds.MissingSchema):
        return UnreachableError(f"{address} is no address that can be asked ({error}).", unsent=True)
    return UnreachableError(f"{_capital(network_trouble(error, address))}.", unsent=False)


def wrong_token(address: str, kind: TokenKind, body: Any, *, unknown: bool = False) -> WrongTokenError:
    """Return the sentence for a token that is not taken, with its kind.

    Parameters
    ----------
    address : str
    kind : TokenKind
    body : object
        What the server said.
    unknown : bool
        The server has no personal access tokens at all.
    """
    said = said_by(body)
    begins = f"{address} does not take the {kind.value} that was given"
    if kind is TokenKind.UNKNOWN:
        return WrongTokenError(
            f"What was given is no token of Label Studio: {_PERSONAL}, and copy all of it.", 401, said
        )
    if unknown:
        text = f"{begins}: it is too old for these; copy the legacy token under Account & Settings."
    elif kind is TokenKind.LEGACY and "legacy" in said.lower():
        text = f"{begins}: legacy tokens are switched off there. Best {_PERSONAL}; or {_LEGACY_ON}."
    elif kind is TokenKind.LEGACY:
        text = f"{begins}: it was replaced, or is of another server. Best {_PERSONAL}."
    elif kind is TokenKind.PERSONAL:
        text = f"{begins}: it was revoked, has run out, or is of another server; {_PERSONAL}."
    else:
        text = f"{begins}, which has run out: it is no token to keep; {_PERSONAL}."
    return WrongTokenError(text, 401, said)


def refusal(address: str, status: int, body: Any, method: str, path: str) -> RefusedError:
    """Return the sentence for an answer that is none: what was refused, and the server's own words."""
    said = said_by(body)
    what = f"{method} {path.partition('?')[0]}"
    own_words = f" ({said})" if said else ""
    if status == 403:
        text = f"{address} does not allow this to the account of the token{own_words}; ask an owner of the project."
    elif status == 404 and isinstance(body, str):
        text = f"{address} has no {path.partition('?')[0]}: is it a Label Studio server, and is its address complete?"
    elif status == 404:
        text = f"{address} does not have it any more{own_words}."
    elif status == 413:
        text = f"{address}, or what stands before it, takes no request that large (413): let it take 100 MB at a time."
    elif status == 429:
        text = f"{address} is asked too often at present (429): try again in some minutes."
    elif status >= 500:
        text = f"{address} has trouble of its own ({status}, {what}){own_words}: its log says more; try again later."
    else:
        text = f"{address} refused {what} ({status}){own_words}."
    return RefusedError(text, status, said)


def not_a_server(address: str, why: str) -> AnnotriageError:
    """Return the sentence for a server that answers as no Label Studio does."""
    return AnnotriageError(f"{address} does not answer as Label Studio does: {why}. Check the address.")


def said_by(body: Any) -> str:
    """Return what a server said of an error, on one line and not too long."""
    if not isinstance(body, dict):
        return ""
    errors = body.get("validation_errors")
    texts: list[str] = []
    if isinstance(errors, dict):
        for name, said in errors.items():
            said = said if isinstance(said, list) else [said]
            texts += [f"{'' if name == 'non_field_errors' else f'{name}: '}{each}" for each in said]
    elif isinstance(errors, list):
        texts += [str(each) for each in errors]
    text = "; ".join(texts) or str(body.get("detail") or "")
    return plain_line(text)[:400].rstrip(".")


def document_root_in(said: str) -> str:
    """Return the document root that a server names in its refusal of a storage; empty: it names none."""
    found = re.search(r'LOCAL_FILES_DOCUMENT_ROOT="([^"]+)"', said)
    return found[1] if found else ""


def storage_trouble(said: str, path: str, address: str) -> str:
    """Say why a server does not take a folder as a storage, and which of its switches is wrong.

    Parameters
    ----------
    said : str
        In its own words.
    path : str
        The folder, as the server has it.
    address : str
    """
    root = document_root_in(said)
    if "cannot be the same" in said:
        return (
            f"The folder {path} is the document root of {address} itself, and Label Studio serves only folders below "
            f"it: set {ROOT} there to the folder above, and restart it."
        )
    if "must be a subdirectory" in said or "should start with" in said:
        return (
            f"{address} serves files below {root or 'another folder'}, and {path} is not among them: set {ROOT} there "
            f"to a folder above {path} and restart it, or put the images below {root or 'its folder'}."
        )
    if "does not exist" in said:
        return (
            f"{address} has no folder {path}: if it runs in a container or on another computer, say under which path "
            "it has the images' document root (--served-as); or upload the images (--upload)."
        )
    if "SERVING_ENABLED" in said:
        return f"{address} serves no local files: set {SERVING}=true there, and {ROOT}, and restart it."
    return f"{address} does not take the folder {path} as a storage ({said})."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
