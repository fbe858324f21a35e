"""Which statements of a notebook run when one exercise is judged."""

from grader.extract import extract, marker, plain_python

SETUP = "import numpy as np\nimport minitf as tf\nfrom grader import check"
DECIDE = "# graded: 01-perceptron/decide\ndef decide(x, w, t):\n    return total(x, w) >= t"
TOTAL = "def total(x, w):\n    return np.dot(x, w)\n\nplot(total)"


def run(source):
    names = {}
    exec(source, names)
    return names


def test_the_solution_and_the_functions_it_uses_are_taken_and_nothing_else():
    source = extract([SETUP, TOTAL, "while True: pass", DECIDE, "other = 1"], "01-perceptron/decide").source
    assert run(source)["decide"]([1], [2], 1)
    assert "minitf" not in source and "while" not in source and "plot" not in source and "other" not in source


def test_a_helper_written_below_the_solution_is_found():
    assert run(extract([SETUP, DECIDE, TOTAL], "01-perceptron/decide").source)["decide"]([1], [2], 1)


def test_numpy_and_math_are_there_although_the_setup_cell_is_lost():
    source = "# graded: 01-perceptron/root\ndef root(x):\n    return np.sqrt(x) + math.sqrt(x)"
    assert run(extract([source], "01-perceptron/root").source)["root"](4) == 4


def test_a_name_bound_twice_keeps_the_order_of_the_notebook():
    cells = ["k = 1", "k = k + 1", "# graded: c/f\ndef f():\n    return k"]
    assert run(extract(cells, "c/f").source)["f"]() == 2


def test_without_a_marker_the_last_cell_that_defines_the_name_counts():
    cells = ["def decide():\n    return 1", "def decide():\n    return 2"]
    assert run(extract(cells, "01-perceptron/decide").source)["decide"]() == 2


def test_a_notebook_without_the_function_has_nothing_to_judge():
    assert extract(["x = 1"], "01-perceptron/decide").missing


def test_a_syntax_error_is_told_with_its_line():
    extracted = extract(["# graded: c/f\ndef f(:\n    pass"], "c/f")
    assert "invalid syntax in its line 2" in extracted.problem
    assert not extracted.missing


def test_a_syntax_error_elsewhere_does_not_matter():
    assert run(extract(["def broken(:", "# graded: c/f\ndef f():\n    return 1"], "c/f").source)["f"]() == 1


def test_a_null_byte_is_a_problem_told_and_not_an_exception():
    assert extract(["# graded: c/f\ndef f():\n    return '\0'"], "c/f").problem


def test_magics_and_shell_lines_are_left_out_line_for_line():
    assert plain_python("%matplotlib inline\n!pip list\nx = 1") == "# %matplotlib inline\n# !pip list\nx = 1"
    assert plain_python("%%bash\nls") == "# %%bash\n# ls"
    assert plain_python("%%time\nx = 1") == "# %%time\nx = 1"


def test_a_percent_sign_of_python_is_no_magic():
    assert plain_python("x = (7\n% 4)") == "x = (7\n% 4)"


def test_markers_are_read_in_code_and_in_markdown():
    assert marker("# graded: 01-perceptron/decide\n") == "01-perceptron/decide"
    assert marker("<!-- graded: 01-perceptron/choose_weights -->\ntext") == "01-perceptron/choose_weights"
    assert marker("graded: never") is None


def test_names_used_only_inside_a_comprehension_a_class_or_a_default_are_found():
    cells = [
        "a, b, c = 1, 2, 3",
        "# graded: c/f\ndef f(x=a):\n    class Inner:\n        y = b\n    return x + Inner.y + sum(c for _ in [0])",
    ]
    assert run(extract(cells, "c/f").source)["f"]() == 6


def test_definitions_under_an_if_or_a_try_are_found():
    cells = [
        "try:\n    import nowhere\nexcept ImportError:\n    nowhere = 5",
        "# graded: c/f\ndef f():\n    return nowhere",
    ]
    assert run(extract(cells, "c/f").source)["f"]() == 5
