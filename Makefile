# Two commands to know: `make course` and `make test`. Each sets up what it needs in .venv; a second run starts at once.
# PYTHON=python3.12 chooses the Python that .venv is made with.

python := .venv/bin/python
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help course lab test lint types notebooks locks tests bench refresh lock pictures clean
.NOTPARALLEL:
.SUFFIXES:

# A step of `make test`: a heading, the command, and one clear line where it stops.
define step
@printf '\n\033[1m== %s\033[0m\n' "$(1)"
@$(2) || { printf '\nStopped: %s.\n' "$(1)" >&2; exit 1; }
endef

help: ## this list
	@printf 'minitf: a deep-learning course that people run.\n\n'
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16
	@printf '\nStart with `make course`. It needs Python 3.11 or newer, and fetches the rest by itself.\n'

course: .venv/installed-course ## teach, solve, grade and report a generated class, in course/
	$(python) -m grader.sample_class --folder course --run

lab: .venv/installed-course ## open the student notebooks in JupyterLab, on copies in work/
	@$(python) scripts/lab.py $(LAB_FLAGS)

test: lint types notebooks locks tests ## everything that must hold: style, types, notebooks, locks, all tests

lint: .venv/installed-test
	$(call step,style,$(python) -m ruff check . && $(python) -m ruff format --check . && $(python) -m codespell_lib)

types: .venv/installed-test
	$(call step,types,$(python) -m mypy)

notebooks: .venv/installed-test
	$(call step,notebooks are normal and release/ follows them,$(python) -m grader.notebooks check)

locks: .venv/installed-test
	$(call step,pyproject.toml and locks and environment.yml agree,$(python) scripts/lock.py --check && $(python) -m pip check)

# TensorFlow keeps all that XLA compiled until a process ends, so what runs on it runs in several parts.
pytest := $(python) -m pytest -n 2 --doctest-modules --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg

tests: .venv/installed-test
	$(call step,doctests and tests and every notebook,$(pytest) minitf grader tests notebooks)
	$(call step,the same minitf on the runtime of TensorFlow,MINITF_BACKEND=tensorflow $(pytest) minitf tests/minitf notebooks)
	$(call step,the same compared with TensorFlow,MINITF_BACKEND=tensorflow $(pytest) tests/differential --ignore tests/differential/keras)
	$(call step,the same compared with Keras,MINITF_BACKEND=tensorflow $(pytest) tests/differential/keras)
	$(call step,every notebook with TensorFlow in place of minitf,$(pytest) --tensorflow-in-place notebooks)

bench: .venv/installed-bench ## side-by-side timings against NumPy, TensorFlow and JAX
	$(python) -m benchmarks.run $(BENCH_FLAGS)

refresh: .venv/installed-course ## run the source notebooks, store their outputs, write release/ anew
	$(python) -m grader.notebooks refresh

lock: .venv/installed-course ## write the locks and environment.yml after a change of pyproject.toml (LOCK_FLAGS=--upgrade)
	$(python) scripts/lock.py $(LOCK_FLAGS)

pictures: .venv/installed-test course ## take the README's pictures anew, of a verdict and of the class report
	$(python) scripts/pictures.py

clean: ## remove .venv, course/ and what tools left; work/ stays
	rm -rf .venv course dist test-artefacts .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find minitf grader tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed-course: locks/course.txt locks/installer.txt pyproject.toml
	@sh scripts/install.sh course

.venv/installed-test: locks/test.txt locks/installer.txt pyproject.toml
	@sh scripts/install.sh test

.venv/installed-bench: locks/bench.txt locks/installer.txt pyproject.toml
	@sh scripts/install.sh bench
