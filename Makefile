# Thin on purpose: each target is one command of `vaxlab`, nbgrader, pytest or ruff.
PYTHON ?= python3
# Another folder for the environment, in each call: make VENV=../vaxlab-venv lab
VENV := .venv
BIN := $(VENV)/bin
ASSIGNMENT ?= day1
# A cohort of one's own (COHORT=spring): its folder, and the way from there to the programs here.
IN := $(if $(COHORT),cd cohorts/$(COHORT) && )
HERE := $(if $(COHORT),$(if $(filter /%,$(BIN)),,../../))$(BIN)

# Compiled once and kept, also where the machine's setting is not to: tests start hundreds of Pythons.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help lab class test test-classroom quick answers lint course site datasets pack cohort grade fuzz bench peers setup

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

lab: setup  ## open the course in JupyterLab (PORT=8890 for a port of your choice)
	@$(IN)$(HERE)/vaxlab lab $(if $(PORT),--port $(PORT))

class:  ## start a workshop on this machine, as root (LEARNERS=list.txt PORT=8000 HOST=… TLS_CERT=… TLS_KEY=…)
	@$(PYTHON) classroom/start.py $(if $(LEARNERS),--learners $(LEARNERS)) $(if $(PORT),--port $(PORT)) \
		$(if $(HOST),--host $(HOST)) $(if $(TLS_CERT),--tls-cert $(TLS_CERT)) \
		$(if $(TLS_KEY),--tls-key $(TLS_KEY)) $(if $(COHORT),--cohort $(COHORT)) $(OPTIONS)

# A file stays on one worker, which shares among its tests what is costly to make.
# nbval, which some tests start in processes of its own, takes each worker a second or two to import.
TESTS := --numprocesses=auto --maxprocesses=4 --dist=loadgroup --no-loadscope-reorder -p no:nbval
# Only these are read: to collect all tests takes each worker longer than some of them.
PLAYS = tests/browser $(shell grep -rl --include="test_*.py" "mark\.play" tests)

test: setup  ## run every test but those of `make test-classroom`
	$(BIN)/python -m pytest $(TESTS) -m "not play"

test-classroom: setup  ## play classes and the whole course as their users do, in browser, hub and graders
	$(BIN)/python -m pytest $(TESTS) -m play $(PLAYS)

quick: setup  ## run the tests of what you have changed, for at most 90 s
	$(BIN)/python tools/quick.py

answers: setup  ## put the answer bank through checks and judge (DAY=1 for one day, PLANTS=20 on more plants)
	$(BIN)/python tests/answers/bank.py $(if $(DAY),day$(DAY)) $(if $(PLANTS),--plants $(PLANTS))

lint: setup  ## check the style of the code, and the course by its own rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/vaxlab course lint
	$(BIN)/vaxlab course build --check
	$(BIN)/vaxlab data verify

course: setup  ## build the learners' notebooks in course/ from solutions/
	$(BIN)/vaxlab course build

site: setup  ## write the executed course as pages to read, in build/site (ONLY=day1/1-trust for some)
	@$(BIN)/vaxlab course site $(ONLY)

datasets: setup  ## let the plant write datasets/ anew
	$(BIN)/vaxlab data build

pack: setup  ## write the instructor's pack to build/pack/: slides, cheat sheets, mistakes (COHORT=…)
	$(IN)$(HERE)/vaxlab course pack

cohort: setup  ## make other data and other hidden plants for a class of your own (NAME=spring-2027)
	$(BIN)/vaxlab cohort new $(NAME)

grade: setup  ## grade submitted/*/day1 (ASSIGNMENT=day1 COHORT=…): feedback/, grades.csv, a report
	$(IN)$(HERE)/vaxlab course build --for-grading
	@# The gradebook learns of an assignment by releasing it; learners have theirs already.
	$(IN)$(HERE)/nbgrader generate_assignment $(ASSIGNMENT) --force \
		--CourseDirectory.release_directory=.cache/release
	@# Status 3: some submissions failed, as their rows say. All others are handed back.
	$(IN)$(HERE)/vaxlab grade $(ASSIGNMENT) $(OPTIONS) || test $$? -eq 3
	$(IN)$(HERE)/nbgrader generate_feedback $(ASSIGNMENT) --force
	$(IN)$(HERE)/nbgrader export --to=grades.csv
	$(IN)$(HERE)/vaxlab report $(ASSIGNMENT)

fuzz: setup  ## mutate submissions for a night (COUNT=100000, SEED=1)
	$(BIN)/python tests/hostile/fuzz.py --count $(or $(COUNT),100000) --seed $(or $(SEED),1)

bench: setup  ## run the benchmarks
	@for file in $(filter-out benchmarks/peers%.py,$(wildcard benchmarks/*.py)); do \
		echo "== $$file"; $(BIN)/python $$file || exit 1; done

peers: setup  ## try what others made, each in an environment of its own (needs a network)
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/peers_grading.py
	$(BIN)/python benchmarks/peers_recipe.py

setup:  ## make .venv (or VENV=…), once; the other targets do it for you
	@$(PYTHON) tools/bootstrap.py $(VENV)
