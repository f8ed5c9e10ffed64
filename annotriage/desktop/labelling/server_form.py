"""A server's address and a token for it: where one finds it, whether it is known, and what is wrong."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QScrollArea, QSizePolicy, QWidget

from annotriage.desktop.background import Job
from annotriage.desktop.labelling.studio_access import WHERE, StudioAccess, forget, in_the_window, token_place
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, form, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import SignedText, plain_text
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.labelling.label_studio.doctor import Finding
    from annotriage.labelling.label_studio.order import Images

_TYPING_MS = 500
_ROOM = 18 * UNIT
_SIGNS = {True: "check", False: "warning", None: "info"}


class ServerForm(QWidget):
    """`changed` tells that another server or token stands there.

    `folder`: of images that the server is to read; `images` returns how.
    """

    changed = Signal()

    def __init__(
        self,
        folder: Path | None = None,
        images: "Callable[[], Images] | None" = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._images = folder, images
        self._job: Job | None = None
        self._checking: Job | None = None
        self.address = named(QLineEdit(placeholderText="http://localhost:8080"), "address")
        self.token = named(QLineEdit(echoMode=QLineEdit.EchoMode.Password), "token")
        self.keep = named(QCheckBox("Keep the token in this system’s ke&yring"), "keep")
        self.keep.setChecked(True)
        self._known = named(plain_text(faint=True), "token-known")
        self.check_button = named(push_button("Chec&k the server", self._check), "check-server")
        self.check_button.setToolTip("Look at address, token, switches and images, and say which of them is wrong")
        self._forget = named(push_button("Fo&rget the token", self._forget_token), "forget-token")
        self._findings = named(QWidget(), "findings")
        self._told = column(on=self._findings, spacing=UNIT // 2, margins=UNIT)
        self._room = QScrollArea(widgetResizable=True)
        self._room.setWidget(self._findings)
        self._room.setFixedHeight(_ROOM)
        self._typed = QTimer(self, singleShot=True, interval=_TYPING_MS)
        fields = form(("&Address of Label Studio", self.address), ("&Token", self.token))
        column(
            fields, plain_text(WHERE, faint=True), self.keep, self._known,
            row(self.check_button, self._forget, STRETCH), self._room, on=self,
        )  # fmt: skip
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._room.hide()
        self._forget.hide()
        self._typed.timeout.connect(self.look_for_token)
        self.address.textChanged.connect(self._on_address)
        self.token.textChanged.connect(self.changed)

    @property
    def access(self) -> StudioAccess:
        """What stands there."""
        return StudioAccess(self.address.text().strip(), self.token.text(), self.keep.isChecked())

    @property
    def problem(self) -> str:
        """What is missing; empty: nothing."""
        if not self.address.text().strip():
            return "Type or paste the address of your Label Studio, as your browser shows it."
        return ""

    def show_address(self, address: str) -> None:
        """Let an address stand there."""
        if address != self.address.text():
            self.address.setText(address)

    def drop_token(self) -> None:
        """Let the typed token go: it is in the keyring now."""
        blocked = self.token.blockSignals(True)
        self.token.clear()
        self.token.blockSignals(blocked)
        self.look_for_token()

    def say(self, findings: "list[Finding]") -> None:
        """Show what was found of the server, a line each."""
        while (item := self._told.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for each in sorted(findings, key=lambda each: each.well is not False):  # what is wrong stands first
            line = SignedText()
            line.say(in_the_window(f"{each.name[:1].upper()}{each.name[1:]}: {each.text}"), _SIGNS[each.well])
            self._told.addWidget(line)
        self._told.addStretch(1)
        self._room.setVisible(bool(findings))

    def look_for_token(self) -> None:
        """Look whether a token for this server is known."""
        self._typed.stop()
        address = self.address.text().strip()
        if self._job is not None:
            self._job.forget()
        self._job = Job(lambda: (address, token_place(address) if address else ""), self._show_known)

    def shut_down(self) -> None:
        """Hear nothing any more of what is looked for."""
        self._typed.stop()
        for job in (self._job, self._checking):
            if job is not None:
                job.forget()

    def _on_address(self) -> None:
        self._known.setText("")
        self._forget.hide()
        self.token.setPlaceholderText("")
        self.say([])
        self._typed.start()
        self.changed.emit()

    def _show_known(self, found: tuple[str, str]) -> None:
        address, place = found
        self._job = None
        if address != self.address.text().strip():
            return
        known = f"The token for this server is known, from {place}; paste another to replace it."
        self._known.setText(known if place else "")
        self.token.setPlaceholderText("known" if place else "")
        self._forget.setVisible("keyring" in place)

    def _forget_token(self) -> None:
        address = self.address.text().strip()
        self.token.clear()
        if self._job is not None:
            self._job.forget()

        def told(sentence: str) -> None:
            self._known.setText(sentence)
            self._forget.hide()
            self.say([])
            self.token.setPlaceholderText("")
            self.changed.emit()

        self._job = Job(lambda: forget(address), told, self._known.setText)

    def _check(self) -> None:
        if self.problem:
            self._known.setText(self.problem)
            self.address.setFocus()
            return
        access, folder = self.access, self._folder
        images = None if self._images is None else self._images()
        self.check_button.setEnabled(False)
        self._known.setText("Looking at the server…")
        self._checking = Job(lambda: access.examined(folder, images), self._show_checked, self._not_checked)

    def _show_checked(self, findings: "list[Finding]") -> None:
        self._not_checked("")
        self.say(findings)
        wrong = sum(each.well is False for each in findings)
        self._known.setText("Nothing is wrong there." if not wrong else f"To be set right: {wrong}.")

    def _not_checked(self, sentence: str) -> None:
        self._checking = None
        self.check_button.setEnabled(True)
        self._known.setText(sentence)
