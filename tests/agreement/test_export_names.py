import pytest

from annotriage.agreement.export_names import person_in, says_nobody


@pytest.mark.parametrize(
    "name",
    [
        "annotations", "instances_default", "result_coco", "project-31-at-2026-11-30-12-00-ab12cd34", "via_region_data",
        "via_project_23Nov2026_12h30m", "via_export_json",
        "task_12_annotations_2026_11_30_12_00_00_cvat for images 1.1",
        "job_7_dataset_2026_11_30_12_00_00_segmentation mask 1.1", "img_metadata",
    ],
)  # fmt: skip
def test_what_tools_call_every_export_is_nobody(name: str) -> None:
    assert says_nobody(name)


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("bob", "bob"),
        ("bob_annotations", "bob"),
        ("annotations-Dr. Smith", "Dr. Smith"),
        ("via_region_data_bob", "bob"),
        ("via_project_bob_23Nov2026_12h30m", "bob"),
        ("bob_24Nov2026_9h1m", "bob"),
        ("task_bob_annotations_2026_11_30_12_00_00_cvat for images 1.1", "bob"),
        ("task_bob smith_dataset_2026_11_30_12_00_00_coco 1.0", "bob smith"),
        ("viable", "viable"),
        ("bob (1)", "bob"),
        ("bob_annotations(2)", "bob"),
        ("reader (left) 2", "reader (left) 2"),
    ],
)
def test_who_stands_in_a_name(name: str, person: str) -> None:
    assert not says_nobody(name) and person_in(name) == person
