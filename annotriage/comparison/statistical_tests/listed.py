"""The tests that there are: a line here and a file in this room make one known to results, screen and reports."""

from annotriage.comparison.statistical_tests.adjusted import regression_test, within_strata_test
from annotriage.comparison.statistical_tests.compared import GroupTest, ModelTest
from annotriage.comparison.statistical_tests.friedman import friedman_test
from annotriage.comparison.statistical_tests.kruskal import kruskal_test
from annotriage.comparison.statistical_tests.kruskal_groups import kruskal_groups_test
from annotriage.comparison.statistical_tests.kruskal_published import kruskal_published_test
from annotriage.comparison.statistical_tests.mann_whitney import mann_whitney_test
from annotriage.comparison.statistical_tests.median_difference import median_difference_test
from annotriage.comparison.statistical_tests.nemenyi import nemenyi_test
from annotriage.comparison.statistical_tests.point_biserial import point_biserial_test
from annotriage.comparison.statistical_tests.wilcoxon import wilcoxon_test

MODEL_TESTS: tuple[ModelTest, ...] = (
    kruskal_published_test,
    friedman_test,
    kruskal_test,
    nemenyi_test,
    wilcoxon_test,
)
"""Between models, in the order in which they are shown."""
GROUP_TESTS: tuple[GroupTest, ...] = (
    point_biserial_test,
    mann_whitney_test,
    kruskal_groups_test,
    median_difference_test,
    within_strata_test,
    regression_test,
)
"""Between groups of images."""
