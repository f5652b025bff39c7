"""The demo, whole: what it prints, what it writes, and how good the models become."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser

import pytest

from symgrad import demo, errors
from symgrad.demo import experiments, report
from symgrad.demo.cases import cases
from symgrad.gallery import ENTRIES

VOID = {"meta", "br", "hr", "img", "link", "input", "path", "rect", "circle", "line", "polygon", "polyline", "use", "ellipse", "stop"}


class Page(HTMLParser):
    """Counts elements, and holds that they close in order and that nothing is read from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        source = dict(attributes).get("src") or dict(attributes).get("href") or ""
        assert tag != "script" and (not source or source.startswith(("#", "data:"))), (tag, source)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """The folder, the exit code and the output of one run of the demo, warnings as errors."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run([sys.executable, "-W", "error", "-m", "symgrad", "demo", "-o", str(folder)], capture_output=True, text=True, check=False)
    return folder, done


def test_it_prints_the_lecture_table_and_ends_well(outcome):
    folder, done = outcome
    assert done.returncode == 0, done.stderr
    assert "-0.000370183728" in done.stdout and str(folder / "report.html") in done.stdout


def test_accuracies_stand_beside_those_of_scikit_learn(outcome):
    _, done = outcome
    for name, peer in (("logistic_regression", "LogisticRegression"), ("digits_network", "MLPClassifier")):
        line = next(line for line in done.stdout.splitlines() if name in line and peer in line)
        ours, theirs = (float(word.rstrip("%")) for word in line.split() if word.endswith("%"))
        assert ours >= 94 and ours >= theirs - 1.5, line


@pytest.mark.parametrize("name", ["logistic_regression", "digits_network"])
def test_its_modules_check_themselves(outcome, name):
    folder, _ = outcome
    done = subprocess.run([sys.executable, "-W", "error", str(folder / f"{name}.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "WRONG" not in done.stdout, done.stdout + done.stderr


def test_the_report_is_one_sound_page_with_everything_in_it(outcome):
    folder, _ = outcome
    page = Page()
    page.feed((folder / "report.html").read_text(encoding="utf-8"))
    assert page.open == []
    assert page.seen.count("svg") >= 5 + len(experiments.CHOSEN) + 1 and page.seen.count("table") >= 7 and page.seen.count("details") >= 5
    text = "".join(page.text)
    for words in ("def logistic_regression", "def network", "Gradient check of digits_network: passed", "_value_and_grad_kernel", "MLPClassifier",
                  "25 slips", "XOR: where one hidden layer says 1", "schedules by epoch", "Activations and their derivatives", "ShiftedNesterov"):
        assert words in text
    assert sorted(path.name for path in folder.iterdir()) == ["digits_network.py", "logistic_regression.py", "report.html"]


def test_text_from_outside_is_escaped():
    assert "<b>" not in report.code("<b>") + report.rows(["<b>"], [["<b>"]]) + report.page("<b>", []) + report.folded("<b>", "<b>")


def test_the_data_are_split_once_and_for_all():
    (cancer, images), (again, _) = ([case.split for case in cases()] for _ in range(2))
    assert cancer.train_x.shape == (426, 30) and cancer.test_x.shape == (143, 30)
    assert images.train_x.shape == (1347, 64) and images.test_x.shape == (450, 64)
    assert (cancer.test_x == again.test_x).all()
    assert abs(cancer.train_x.mean(axis=0)).max() < 1e-9 and abs(cancer.train_x.std(axis=0) - 1).max() < 1e-9


def test_without_matplotlib_there_are_the_numbers(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr(experiments, "CHOSEN", ("R1",))
    said = []
    text = experiments._experiment(ENTRIES["R1"], said.append)
    assert "w2 = (1/4, 1/4, 1/4, 1/4): 0.25" in text and "needs Matplotlib" in text and "<svg" not in text and "0.25" in said[0]


@pytest.mark.parametrize("library", ["rich.console", "sklearn"])
def test_a_missing_library_is_named_with_its_remedy(monkeypatch, tmp_path, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(errors.MissingExtraError, match=r"symgrad\[demo\]"):
        demo.main(tmp_path / "never")
    assert not (tmp_path / "never").exists()
