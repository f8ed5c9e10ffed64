"""The rule that a user chose holds for commands, too, and what makes no sense is the default."""

import json
import math
from pathlib import Path

from annotriage.images import find_images
from annotriage.model_file import ModelLibrary
from annotriage.triage.folder_scoring import FolderScoring
from annotriage.triage.kept_rule import FILE_NAME, keep_rule, kept_rule
from annotriage.triage.next_step import Interval, NextStepRule
from annotriage.triage.store import SessionStore
from tests.pictures import write_picture

CHOSEN = NextStepRule(0.55, Interval.BELOW, 4)


def test_a_rule_is_kept_and_what_makes_no_sense_is_the_default(own_home: Path) -> None:
    assert kept_rule() == NextStepRule()
    keep_rule(CHOSEN)
    assert kept_rule() == CHOSEN
    wrong = ({"below": 2}, {"below": math.nan}, {"below": "0.5"}, {"interval": "x"}, {"enough": 99}, {"enough": 2.5})
    sound = {"below": 0.5, "interval": "not", "enough": 3}
    for text in ("", "[]", "{", *(json.dumps(sound | each) for each in wrong)):
        (own_home / FILE_NAME).write_text(text)
        assert kept_rule() == NextStepRule()


def test_what_exports_and_reports_are_made_of_goes_by_it(tmp_path: Path) -> None:
    keep_rule(CHOSEN)
    write_picture(tmp_path / "images" / "a.png", 0.5)
    with SessionStore() as store:
        scoring = FolderScoring(tmp_path / "images", ModelLibrary().default(), store)
        assert scoring.reviewed_catalogue(find_images(scoring.folder), scoring.stored_numbers()).rule == CHOSEN
