"""``python -m grader.notebooks``: see `grader.notebooks.cli`."""

from grader.notebooks.cli import app

if __name__ == "__main__":
    app(prog_name="python -m grader.notebooks")
