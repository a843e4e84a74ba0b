# The suite's commands. Everything is made once and made again only when what it depends on has changed.
# Variables: PORT (8000), DATA_DIR (var/), DETACH=1 (come back when ready), DEMO=0 (no demo), PYTHON (python3),
# WEB_PROCESSES (one per core, at most four).

PYTHON ?= python3
DEMO ?= 1
UV := uv==0.13.9
RUN := .venv/bin/python
# Whatever opens a page needs what the browser gets.
PYTEST := $(RUN) manage.py assets && $(RUN) -m pytest
export DEMO
# Without its .pyc files each of the suite's processes, and each notebook's box, would compile two thousand modules again.
unexport PYTHONDONTWRITEBYTECODE

# Type checks read the settings and touch nothing: neither servers nor keys are real.
ZEROS := AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
LINT := DATABASE_URL=postgresql:///none REDIS_URL=unix:///none DATA_DIR=var \
	SECRET_KEY=$(ZEROS) VAULT_KEY=$(ZEROS) AUDIT_KEY=$(ZEROS)

.PHONY: up down status demo reset test check client cli faults fuzz fuzz-api look batch bench format
.DEFAULT_GOAL := up

up: .venv/.complete
	@$(RUN) manage.py up

down status demo: .venv/.complete
	@$(RUN) manage.py $@

reset: .venv/.complete
	@$(RUN) manage.py reset $(if $(YES),--yes)

test: .venv/.complete
	@deploy/packages test
	@$(PYTEST) -n $$(( $$(nproc) > 3 ? 4 : $$(nproc) + 1 )) --dist loadfile --no-loadscope-reorder --ignore=tests/faults --ignore=tests/fuzz

check: .venv/.complete
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	$(LINT) .venv/bin/mypy
	.venv/bin/lint-imports
	$(RUN) manage.py makemigrations --check --dry-run

client: .venv/.complete
	@$(RUN) manage.py client
	@cd clients/python/src && $(CURDIR)/.venv/bin/mypy --config-file= --strict -p suite_interhop
	@.venv/bin/uv build --quiet --wheel --out-dir var/client clients/python
	@ls var/client/*.whl

cli: .venv/.complete
	@.venv/bin/uv build --quiet --wheel --out-dir var/cli clients/suite-backup
	@ls var/cli/*.whl

faults: .venv/.complete
	@deploy/packages faults
	@export FAULTS=50 && $(PYTEST) tests/faults -p no:randomly

fuzz: .venv/.complete
	@$(PYTEST) tests/fuzz -o python_files='fuzz_*.py' -p no:randomly --capture=no

fuzz-api: .venv/.complete
	@export FUZZ=$${FUZZ:-50} && $(PYTEST) tests/fuzz -p no:randomly --capture=no

look: .venv/.complete
	@deploy/packages test
	@export LOOK=$${LOOK:-var/look} && $(PYTEST) -q tests/e2e/test_every_page.py tests/e2e/test_newcomer.py tests/backup/test_browser.py -p no:randomly

batch: .venv/.complete
	@deploy/packages test
	@export BATCH=$${BATCH:-500} && $(PYTEST) tests/e2e/test_prescription_files.py -p no:randomly --capture=no

bench: .venv/.complete
	@$(PYTEST) tests/benchmarks -o python_files='bench_*.py' -p no:randomly --capture=no

format: .venv/.complete
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

.venv/.complete: requirements.txt
	@PYTHON=$(PYTHON) deploy/packages run
	@test -x .venv/bin/pip || $(PYTHON) -m venv --clear .venv
	@.venv/bin/uv --version 2>/dev/null | grep -qx "$(subst ==, ,$(UV)).*" || .venv/bin/pip install --quiet --disable-pip-version-check $(UV)
	@.venv/bin/uv pip sync --quiet --compile-bytecode --python $(RUN) --require-hashes requirements.txt
	@ln -sfn ../../clients/suite-backup/suite-backup .venv/bin/suite-backup
	@touch $@
