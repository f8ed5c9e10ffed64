"""Everything that can be done in the main window, each once: menus, toolbar, keys and the list of keys share these."""

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from annotriage.desktop.inspector.overlay_signs import ANNOTATORS, DIFFERENCES, SIDE_BY_SIDE, map_sign
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.plain_texts import as_it_stands
from annotriage.desktop.window.tool_buttons import tip_with_key
from annotriage.image_maps import STANDARD_MAPS, MapSpec
from annotriage.triage.columns import sorting_columns
from annotriage.triage.sort_keys import ColumnKey, SortKey
from annotriage.version import is_installed

Keys = str | list[str]


class Actions(QObject):
    """The window's actions, as attributes; `groups` gives them for the list of keys.

    An action without a shortcut of its own (moving, holding Space) is there for the list only: the widgets do it.
    """

    overlay_switched = Signal(str, bool)
    """A map, or what else is drawn over images, is to be shown or not."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._groups: list[tuple[str, list[QAction]]] = []
        self.maps: dict[str, QAction] = {}
        self.overlays: dict[str, QAction] = {}  # the maps, and what else is drawn
        self._make_folder()
        self._make_decisions()
        self._make_image()
        self._make_view()
        self._make_help()
        self._name_otherwise()
        for action in (self.undo, self.redo):
            action.setEnabled(False)
        for action in self.all():
            action.setToolTip(tip_with_key(action))

    def groups(self) -> list[tuple[str, list[QAction]]]:
        """Return the actions by what they are about."""
        return self._groups

    def all(self) -> Iterator[QAction]:
        """Yield all actions that have keys which the window listens to."""
        for _, actions in self._groups:
            yield from (action for action in actions if not action.property("for_the_list"))

    def _make_folder(self) -> None:
        self._begin("Folder")
        self.open = self._add("&Open folder…", "Ctrl+O", "open-folder")
        self.samples = self._add("Try the &sample images", "", "samples")
        self.refresh = self._add("&Look again", ["F5"], "refresh")
        self.refresh.setToolTip("Look for new and changed images, and try what failed once more")
        self.follow = self._add("Follow chan&ges", "", checkable=True)
        self.follow.setToolTip("Take in by itself what comes into the folder, changes and goes")
        self.pause = self._add("&Pause scoring", "P", "pause")
        self.send = self._add("&Send to experts…", "Ctrl+Shift+E", "send")
        self.export = self._add("&Export…", "Ctrl+E", "export")
        self.send_to_studio = self._add("Send to Label St&udio…", "Ctrl+Shift+L", "send")
        self.send_to_studio.setToolTip("Make or update a project there, with several people only where it pays")
        self.fetch_results = self._add("Fetch resul&ts…", "Ctrl+L", "fetch")
        self.fetch_results.setToolTip("What people drew in Label Studio, measured and shown beside the predictions")
        self.import_decisions = self._add("&Import decisions…", "Ctrl+I", "import")
        self.fetch = self._add("&Fetch images…", "", "fetch")
        self.fetch.setToolTip("From the ISIC Archive or from Google Drive")
        self.measure_agreement = self._add("Measure &agreement…", "", "agreement")
        self.measure_agreement.setToolTip("How much the masks of several people agree, image by image")
        self.next_step = self._add("&Next step…", "")
        self.outcome = self._add("Did it &work?…", "")
        self.outcome.setToolTip("Whether the ranking found what people turned out to disagree about")
        self.calibrate = self._add("Cali&brate…", "")
        self.calibrate.setToolTip("Fit the model to what your team measured, and see whether that helps")
        self.next_step.setToolTip("The rule by which images need a further reader, or are surprising")
        self.models = self._add("&Models…", "Ctrl+M", "model")
        self.train = self._add("&Train a model…", "", "train")
        self.train.setToolTip("From a folder of images and a table of how much people agreed")
        self.trainings = self._add("T&rainings…", "", "trainings")
        self.trainings.setToolTip("What is being trained, and what was")
        self.statistics = self._add("&Statistics…", "", "statistics")
        self.statistics.setToolTip("Compare the runs of several models")
        for action, extra in ((self.train, "train"), (self.statistics, "statistics")):
            if not is_installed(extra):
                action.setText(f"{action.text()} (not installed)")
                action.setToolTip("This install lacks what that needs; it says how to get it")
        self.close_folder = self._add("&Close folder", "Ctrl+W", "close")
        self.quit = self._add("&Quit", "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

    def _make_decisions(self) -> None:
        self._begin("Decide")
        self.expert = self._add("Ex&pert review", "1", "expert")
        self.routine = self._add("Rou&tine annotation", "2", "routine")
        self.exclude = self._add("E&xclude", "3", "exclude")
        self.undecided = self._add("Un&decided", "U", "undecided")
        self.note = self._add("Write a &note", "N", "note")
        self.assign = self._add("Ass&ign…", "A")
        self.assign.setToolTip("Say who is to outline the selected images")
        self.undo = self._add("&Undo", "Ctrl+Z", "undo")
        self.redo = self._add("&Redo", ["Ctrl+Shift+Z", "Ctrl+Y"], "redo")
        self.select_all = self._add("Select &all", "Ctrl+A")
        self.invert = self._add("In&vert the selection", "Ctrl+Shift+A")
        for action in (self.expert, self.routine, self.exclude, self.undecided):
            action.setAutoRepeat(False)  # a key that is held down would decide images faster than an eye sees them

    def _make_image(self) -> None:
        self._begin("Image")
        self.large = self._add("Show &large", "")
        self._only_listed(self.large, "Return")
        self.previous = self._add("&Previous image", ["Left", "Up"])
        self.next = self._add("&Next image", ["Right", "Down"])
        self.first = self._add("Fi&rst image", "Home")
        self.last = self._add("Las&t image", "End")
        self.next_undecided = self._add("Next &undecided image", "J")
        self.plain = self._add("Plain image while held", "")
        self._only_listed(self.plain, "Space")
        for spec in STANDARD_MAPS:
            self._add_map(spec)
        self.annotators = self._add("&Annotators’ contours", "M", "annotators", checkable=True)
        self.annotators.setToolTip("The contours of masks that lie beside the images")
        self.differences = self._add("Where people &differ", "D", "differences", checkable=True)
        self.differences.setToolTip("What some of those who drew it marked, and others did not")
        self.side_by_side = self._add("&Side by side", "S", "side-by-side", checkable=True)
        beside = {ANNOTATORS: self.annotators, DIFFERENCES: self.differences, SIDE_BY_SIDE: self.side_by_side}
        for name, action in beside.items():
            self._switches(name, action)
        self.zoom_in = self._add("Zoom &in", ["+", "="], "zoom-in")
        self.zoom_out = self._add("Zoom &out", "-", "zoom-out")
        self.fit = self._add("&Fit", "F", "fit")
        self.actual_size = self._add("A&ctual size (100 %)", "0", "actual-size")
        self.show_in_folder = self._add("Sho&w in its folder", "", "open-folder")
        self.copy_name = self._add("Copy the na&me", "")
        self.copy_path = self._add("Cop&y the path", "")

    def _make_view(self) -> None:
        self._begin("View")
        self.grid = self._add("&Grid", "Ctrl+1", "grid", checkable=True)
        self.table = self._add("&Table", "Ctrl+2", "table", checkable=True)
        views = QActionGroup(self)
        views.addAction(self.grid)
        views.addAction(self.table)
        self.larger_tiles = self._add("&Larger tiles", ["Ctrl++", "Ctrl+="])
        self.smaller_tiles = self._add("S&maller tiles", "Ctrl+-")
        self.sort = self._make_sorting()
        self.new_ranking = self._add("Show the &new ranking, from its first undecided image", "R", "new-ranking")
        self.search = self._add("S&earch", "Ctrl+F", "search")
        self.clear_filters = self._add("&Clear filters", "Ctrl+Shift+F", "filter")
        self.filters = self._add("&Filters", "F7", checkable=True)
        self.inspector = self._add("&Inspector", "F8", checkable=True)
        self.full_screen = self._add("F&ull screen", "F11", "full-screen", checkable=True)
        self.leave = self._add("Back to all images", "Esc")

    def _make_sorting(self) -> dict[SortKey | ColumnKey, QAction]:
        group = QActionGroup(self)
        words: dict[SortKey | ColumnKey, str] = {
            SortKey.DISAGREEMENT: "Predicted &disagreement",
            SortKey.INTERVAL: "&Width of the interval",
            SortKey.NAME: "&Name",
            SortKey.DECISION: "D&ecision",
            SortKey.ASSIGNEE: "&Assignee",
            SortKey.DATE: "Date of the &file",
            SortKey.SIZE: "&Size of the file",
        }
        words |= {ColumnKey(column.key): as_it_stands(column.title) for column in sorting_columns()}
        actions = {}
        for key, text in words.items():
            actions[key] = QAction(text, self, checkable=True)
            actions[key].setData(key)
            group.addAction(actions[key])
        self.sort_reversed = QAction(icon("sort-direction"), "The &other way round", self, checkable=True)
        return actions

    def _make_help(self) -> None:
        self._begin("Help")
        self.keys = self._add("All &keys", "F1", "keyboard")
        self.guide = self._add("User &guide", "", "guide")
        self.log = self._add("&Log", "", "log")
        self.about = self._add("&About Annotriage", "", "info")
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def _name_otherwise(self) -> None:
        """Note other words for what actions do, by which the list of keys finds them."""
        others = {
            self.refresh: "score rescan refresh reload new images",
            self.follow: "watch folder new images automatic live",
            self.pause: "score stop resume",
            self.send: "assign share cut-off",
            self.export: "save list csv excel pdf report label studio",
            self.import_decisions: "load list csv excel",
            self.send_to_studio: "annotate annotators tasks project server overlap connect token",
            self.fetch_results: "annotations masks drawn people server label studio connect token download",
            self.expert: "send decide",
            self.routine: "decide",
            self.exclude: "reject leave out delete remove decide",
            self.undecided: "reset clear decision",
            self.calibrate: "fit adapt own team alarm intervals shift",
            self.outcome: "result evaluate found saved hours error measured recall panel",
            self.next_step: "rule third reader second opinion surprising enough",
            self.note: "comment remark",
            self.assign: "assignee person expert",
            self.undo: "take back",
            self.large: "zoom enlarge",
            self.fit: "zoom whole image",
            self.actual_size: "zoom pixels",
            self.annotators: "masks outlines people overlay",
            self.differences: "disagreement measured people map overlay",
            self.new_ranking: "sort order rank",
            self.plain: "without overlays contrast",
            self.side_by_side: "compare overlay contrast",
        }
        for action, words in others.items():
            action.setProperty("also_called", words)

    def offer_maps(self, maps: Iterable[MapSpec]) -> None:
        """Offer the maps that a model gives, wherever the annotators' contours are offered."""
        offered = {spec.name: spec for spec in maps}
        image = next(actions for name, actions in self._groups if name == "Image")
        for name in [name for name in self.maps if name not in offered]:
            action = self.maps.pop(name)
            del self.overlays[name]
            image.remove(action)
            action.deleteLater()  # which takes it out of all menus
        for name, spec in offered.items():
            if name not in self.maps:
                self._add_map(spec)
                image.insert(image.index(self.annotators), self._groups[-1][1].pop())
                for menu in self.annotators.associatedObjects():
                    if isinstance(menu, QMenu):
                        menu.insertAction(self.annotators, self.maps[name])

    def _add_map(self, spec: MapSpec) -> None:
        sign = map_sign(spec)
        # Only those that are there always have letters of their own in the menu.
        text = f"&{spec.title}" if sign.key else as_it_stands(spec.title)
        action = self._add(text, sign.key, sign.icon, checkable=True)
        shows = spec.shows or spec.title
        action.setToolTip(shows[:1].upper() + shows[1:])
        action.setProperty("also_called", sign.also_called)
        self.maps[spec.name] = action
        self._switches(spec.name, action)

    def _switches(self, name: str, action: QAction) -> None:
        self.overlays[name] = action
        action.triggered.connect(lambda shown: self.overlay_switched.emit(name, shown))

    def _begin(self, group: str) -> None:
        self._groups.append((group, []))

    def _add(self, text: str, keys: Keys, icon_name: str = "", *, checkable: bool = False) -> QAction:
        action = QAction(text, self)
        if icon_name:
            action.setIcon(icon(icon_name))
        action.setCheckable(checkable)
        match keys:
            case list():
                action.setShortcuts([QKeySequence(key) for key in keys])
            case str() if keys:
                action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self._groups[-1][1].append(action)
        return action

    def _only_listed(self, action: QAction, keys: str) -> None:
        action.setShortcut(QKeySequence(keys))
        # Shown in menus, but left to the images: Enter in a search field must not open the large view.
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setProperty("for_the_list", True)
