"""Tokens: of which kind one is, and where it is kept: in the system's keyring, never in a file of ours."""

import base64
import json
import os
import re
from dataclasses import dataclass, field
from enum import Enum

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.address import server_key

VARIABLE = "ANNOTRIAGE_LABEL_STUDIO_TOKEN"
"""The environment variable that holds a token where there is no keyring."""
_SERVICE = "Annotriage: Label Studio"
_LEGACY = re.compile(r"[0-9a-fA-F]{40}")


class TokenKind(Enum):
    """What Label Studio calls it, on the page *Account & Settings*."""

    LEGACY = "legacy token"
    PERSONAL = "personal access token"
    SHORT = "access token of five minutes"
    """What a personal one is exchanged for; nobody should have to copy it."""
    UNKNOWN = "token of a kind that Label Studio does not make"


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token, and where it was found.

    Attributes
    ----------
    token : str
        Never printed, nor in what `repr` says.
    place : str
        In words: "the system's keyring".
    """

    token: str = field(repr=False)
    place: str


def token_kind(token: str) -> TokenKind:
    """Tell of which kind a token is, by how it is made; it is not sent anywhere for that."""
    if _LEGACY.fullmatch(token):
        return TokenKind.LEGACY
    parts = token.split(".")
    if len(parts) == 3 and all(parts):
        try:
            claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            kind = claims.get("token_type") if isinstance(claims, dict) else None
        except ValueError:
            return TokenKind.UNKNOWN
        return {"refresh": TokenKind.PERSONAL, "access": TokenKind.SHORT}.get(str(kind), TokenKind.UNKNOWN)
    return TokenKind.UNKNOWN


def cleaned_token(text: str) -> str:
    """Return a token as it was copied, without what stands around it: blanks, quotes, ``Token`` or ``Bearer``.

    Raises
    ------
    AnnotriageError
        Nothing is left, or it cannot be sent in a header.
    """
    said = text.strip().strip("'\"").strip()
    said = re.sub(r"^(authorization:\s*)?(token|bearer)(\s+|$)", "", said, flags=re.IGNORECASE).strip()
    if not said:
        raise AnnotriageError("No token was given: copy it in Label Studio under Account & Settings.")
    if not said.isascii() or any(letter.isspace() or not letter.isprintable() for letter in said):
        raise AnnotriageError(
            "The token has blanks or letters that none has; copy it again in Label Studio under Account & Settings."
        )
    return said


def known_token(address: str) -> KnownToken | None:
    """Return the token for a server: of the environment, or of the system's keyring; None: none is known.

    A keyring that is missing, locked or broken holds none; see `keyring_problem`.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if said:
        return KnownToken(cleaned_token(said), f"the environment variable {VARIABLE}")
    import keyring

    try:
        kept = keyring.get_password(_SERVICE, server_key(address))
    except Exception:  # each keyring raises errors of its own
        return None
    return KnownToken(kept, "the system's keyring") if kept else None


def keep_token(address: str, token: str) -> None:
    """Keep a token in the system's keyring, in the place of the one before.

    Raises
    ------
    AnnotriageError
        There is no keyring, or it is locked; the sentence says what to do without.
    """
    import keyring

    try:
        keyring.set_password(_SERVICE, server_key(address), token)
    except Exception as error:
        raise AnnotriageError(keyring_sentence(error)) from None


def forget_token(address: str) -> bool:
    """Take a token out of the system's keyring; return whether there was one.

    Raises
    ------
    AnnotriageError
        The keyring is locked, or cannot be used: it may hold one still.
    """
    import keyring
    from keyring.errors import NoKeyringError

    try:
        if keyring.get_password(_SERVICE, server_key(address)) is None:
            return False
        keyring.delete_password(_SERVICE, server_key(address))
    except NoKeyringError:
        return False
    except Exception as error:
        raise AnnotriageError(
            f"The token for {address} is not forgotten, if one was kept. {_why_not(error)}: unlock it and try again."
        ) from None
    return True


def keyring_problem() -> str:
    """Return why tokens cannot be kept on this computer, as a sentence; empty: they can."""
    import keyring

    try:
        keyring.get_password(_SERVICE, "")
    except Exception as error:
        return keyring_sentence(error)
    return ""


def keyring_sentence(error: Exception) -> str:
    """Say that a token cannot be kept, why, and what to do without."""
    return f"{_why_not(error)}: it is asked for each time, unless the environment variable {VARIABLE} holds it."


def _why_not(error: Exception) -> str:
    from keyring.errors import KeyringLocked, NoKeyringError

    if isinstance(error, NoKeyringError):
        return "This system has no keyring that could keep the token"
    if isinstance(error, KeyringLocked):
        return "The system's keyring is locked, or would not open"
    return f"The system's keyring cannot be used ({type(error).__name__})"
