# Two commands matter: `make up` and `make test`. Everything they need is installed on the way.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
# Images of containers often forbid bytecode; each process that starts here would compile 580 files then.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## print these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 14

.PHONY: up
up: runtime ## start everything and print the address (ARGS="--port 8080" for another)
	@.venv/bin/audiospective up --tied $(ARGS)

.PHONY: test
test: lint ## lint, types, layers, and every test, browser included (ARGS="-k words" for some)
	@$(PYTHON) -m pytest -n 4 $(ARGS)

.PHONY: pictures
pictures: development ## every page and state in both themes, on a phone and on a desk, as pictures in screenshots/ (minutes)
	@KEEP_PICTURES=1 $(PYTHON) -m pytest tests/browser -m browser $(ARGS)

# Rooms with rules to try by themselves; what wants pages or something to run against is in `make test` alone.
ROOMS := archive collect infra insights operations privacy reports spotify web/charts web/views

.PHONY: unit
unit: development ## what is counted, matched and judged, without a database, browser, network or other program: five seconds
	@HYPOTHESIS_PROFILE=brief $(PYTHON) -m pytest -m "not db and not browser and not http and not real and not office and not programs" \
		tests/test_settings.py tests/test_outside.py $(addprefix tests/,$(ROOMS)) $(ARGS)

.PHONY: fuzz
fuzz: development ## every property with 2,000 examples instead of 25 (ARGS="-k words" for some)
	@HYPOTHESIS_PROFILE=thorough $(PYTHON) -m pytest -m "not browser and not real and not office" $(ARGS)

.PHONY: soak
soak: development ## a year of 200 listeners with everything going wrong (an hour; SOAK_LISTENERS, SOAK_DAYS for less)
	@SOAK_LISTENERS=$${SOAK_LISTENERS:-200} SOAK_DAYS=$${SOAK_DAYS:-365} $(PYTHON) -m pytest tests/fault/test_soak.py -n 0 -s $(ARGS)

.PHONY: lint
lint: development ## style, types and the layer contract
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo

.PHONY: fmt
fmt: development ## put the code in shape
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format

.PHONY: words
words: development ## bring the catalogues in src/audiospective/locales in step with the code, and name what is untold
	@$(PYTHON) -m scripts.catalogues

.PHONY: bench
bench: development ## measure, each figure beside its reference
	@$(PYTHON) -m bench $(ARGS)

.PHONY: bench-rival
bench-rival: development ## measure Maloja and this program on the same 100,000 plays, side by side (minutes)
	@$(PYTHON) -m bench.rival

.PHONY: drill
drill: runtime ## rehearse 20 rollbacks under load and a restore, timed, and write the figures down
	@.venv/bin/audiospective ops drill rollback --rounds 20
	@.venv/bin/audiospective ops drill restore

.PHONY: build
build: runtime ## build the wheel of the last commit into dist/ (ARGS="--commit v1.0.0" for another)
	@.venv/bin/audiospective ops build $(ARGS)

.PHONY: real
real: development ## compare with the true totals of real exports
	@$(PYTHON) -m pytest -m real $(ARGS)

.PHONY: offices
offices: development ## open an export in LibreOffice, which must be installed (libreoffice-calc)
	@$(PYTHON) -m pytest -m office -n 0 tests/export/test_in_an_office.py $(ARGS)

.PHONY: runtime development
runtime development:
	@scripts/python -m scripts.install $@
