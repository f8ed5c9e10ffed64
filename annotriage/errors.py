"""The one error that users see."""


class AnnotriageError(Exception):
    """Something a user can cause and mend.

    The message is one plain sentence (or two) that says what is wrong, where, and what to do. Commands print it and
    exit with 1; screens show it. Everything else that is raised is a defect of the program.
    """
