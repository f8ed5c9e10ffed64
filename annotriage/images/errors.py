"""Why an image cannot be read, in words for the person who must mend it."""

import errno

from annotriage.errors import AnnotriageError


class UnreadableImageError(AnnotriageError):
    """An image file that cannot be read.

    The message is the reason, in a sentence or two that a person understands. It does not name the file: whoever
    shows it has the name beside it.
    """


BROKEN_LINK = "This is a link to a file that no longer exists: restore the file or delete the link."
EMPTY = "The file is empty (0 bytes): copy or download it again."
IN_THE_CLOUD = "This image lies in iCloud and is not on this computer yet: download it in Finder, then open again."
FOLDER = "This is a folder, not an image."
NO_FILE = "This is a pipe or device, not a file: replace it by the image itself."
NOT_ALLOWED = "You have no permission to read it: ask its owner, or change its permissions."
VANISHED = "The file is no longer there: it was moved, renamed or deleted."

_KNOWN = {
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.ENOENT: VANISHED,
    errno.ENOTDIR: VANISHED,
    errno.EISDIR: FOLDER,
    errno.ENXIO: NO_FILE,
    errno.ELOOP: "This is a link that leads back to itself: replace it by the image.",
    errno.EIO: "The disk or network drive failed while reading it: check the drive, then try again.",
    errno.ENAMETOOLONG: "Its name is too long for this system: shorten it.",
}


def system_reason(error: OSError) -> str:
    """Say in a sentence why the system refuses to open or read a file."""
    known = _KNOWN.get(error.errno or 0)
    return known or f"The system cannot read it: {error.strerror or error}."
