# Two commands: `make run` and `make test`. `make help` lists the rest.

# The environment. Another beside it, of another Python: make test VENV=.venv-3.13 PYTHON=python3.13
VENV ?= .venv
PY := $(VENV)/bin/python
# The first that is new enough makes the environment; or one of your choice: make setup PYTHON=python3.13
PYTHONS := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)
# Test processes side by side, and more options for pytest: make test JOBS=4 ARGS="-k waitlist"
JOBS ?= 3
ARGS ?=

# How many times as long `make soak` runs as `make faults`.
SOAK ?= 10

.PHONY: help setup run release lock audit digests migration test test-days faults soak check keys bench bench-short
.DELETE_ON_ERROR:

help:
	@echo "make run     start the bot: the sandbox page, or the real Telegram when BOT_TOKEN is set (see .env.example)"
	@echo "make test    ruff, the strict type check and all tests"
	@echo "make test-days  the tests that begin with today, as if it were other days: see tests/days.py (two minutes)"
	@echo "make faults  kill and starve real processes under load, and audit what came of it (about five minutes)"
	@echo "make soak    the same, with SOAK=10 times the kills; SEED=7 tries another run"
	@echo "make check   check content and words"
	@echo "make keys    writes into locales/bot.pot what the code says of each key: after changing what it says"
	@echo "make bench   measure it beside other bots (about what: docs/benchmarks.md)"
	@echo "make bench-short  each bench once, tiny: that it runs, and that what it checks holds (a minute and a half)"
	@echo "make migration NAME=tips  write the migration that the tables in the code need, as the next numbered file"
	@echo "make release VERSION=0.3.0  the changelog's section, the number, a commit and a tag"
	@echo "make audit   look up known holes in what the bot runs with; says so where it could not"
	@echo "make lock    write requirements.lock anew from constraints.txt: the hashes of every file"
	@echo "make digests pin the images of deploy/ to what their registries have now"
	@echo "make setup   only make the environment, .venv"

setup: $(VENV)/.test-ready
	@:

run: $(VENV)/.run-ready
	@$(PY) -m bot check --only-mistakes
	@exec $(PY) -m bot

test: setup
	@$(PY) -m ruff check --quiet
	@$(PY) -m mypy --no-error-summary --num-workers $(JOBS)
	@$(PY) -m pytest -n $(JOBS) --dist worksteal --ignore tests/faults $(ARGS)

# Those marked `today`, each time a run of their own, JOBS at once.
test-days: setup
	@JOBS=$(JOBS) $(PY) -m tests.days $(ARGS)

migration: setup
	@$(PY) -m bot.migrations.new "$(NAME)"

# One after the other: they measure themselves by the clock.
faults: setup
	@$(PY) -m pytest -s tests/faults $(ARGS)

soak: setup
	@SOAK=$(SOAK) $(PY) -m pytest -s -x -o faulthandler_timeout=0 tests/faults $(ARGS)

# With tools of their own, which neither the bot nor the tests need.
lock: .venv-tools/.ready
	@.venv-tools/bin/uv pip compile --quiet --native-tls --generate-hashes --universal --python-version 3.11 --no-annotate \
	    --custom-compile-command "make lock" --constraints constraints.txt pyproject.toml -o requirements.lock

audit: $(VENV)/bin/python .venv-tools/.ready
	@$(PY) -m tests.audit .venv-tools/bin/pip-audit

digests:
	@deploy/digests

release: $(VENV)/bin/python
	@$(PY) -m tests.release "$(VERSION)"

check: $(VENV)/.run-ready
	@exec $(PY) -m bot check

keys: setup
	@exec $(PY) -m tests.source_reading

bench: setup .venv-bench/.ready
	@exec $(PY) -m tests.bench $(ARGS)

bench-short: setup .venv-bench/.ready
	@exec $(PY) -m tests.bench --short

# The first Python that is new enough makes the environment.
$(VENV)/bin/python:
	@found=; for python in $(PYTHONS); do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "Python 3.11 or newer is needed (looked for: $(PYTHONS)). If it has another name: make setup PYTHON=<its name>" >&2; \
	    exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$found comes without venv. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; \
	fi; \
	rm -rf "$(VENV)" && "$$found" -m venv "$(VENV)"

# The stamps are newer than what they were made from, so nothing is installed twice; a changed pyproject.toml or
# constraints file is installed again. `make run` does without the tools of the tests, half of the download, and takes no
# other files than those whose hashes are known.
$(VENV)/.run-ready: $(VENV)/bin/python requirements.lock
	@echo "Installing pinned packages (run) into $(@D) ..."; \
	$(PY) -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r requirements.lock \
	&& touch $@ || { $(no_network) }

$(VENV)/.test-ready: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(call install,$(PY),constraints.txt,run dev)
	@touch $(VENV)/.run-ready

.venv-tools/.ready: $(VENV)/bin/python pyproject.toml
	@$(PY) -m venv .venv-tools
	@.venv-tools/bin/python -m pip install -qq --disable-pip-version-check --no-input uv==0.13.9 pip-audit==2.10.1 && touch $@

.venv-bench/.ready: $(VENV)/bin/python pyproject.toml constraints-bench.txt
	@$(PY) -m venv .venv-bench
	@$(call install,.venv-bench/bin/python,constraints-bench.txt,bench)

# $(call install,python,constraints,groups of pyproject.toml): "run" means the project's own dependencies.
define install
echo "Installing pinned packages ($(3)) into $(@D) ..."; \
$(1) -c 'import sys, tomllib; \
project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
groups = project["optional-dependencies"] | {"run": project["dependencies"]}; \
print(*(line for group in sys.argv[1:] for line in groups[group]), sep="\n")' $(3) > $(@D)/requirements.txt \
&& $(1) -m pip install -qq --disable-pip-version-check --no-input -c $(2) -r $(@D)/requirements.txt \
&& touch $@ || { $(no_network) }
endef

no_network = echo "The packages could not be installed: is there a network? Nothing else was changed; try again." >&2; exit 1;
