# Two commands matter: `make up` and `make test`. `make help` lists the others.
STACK ?= dev
# The lab that stands in for Proxmox under the stack `dev`; any other stack is someone's real node.
LAB_STACKS := dev phoenix
IS_LAB := $(filter $(STACK),$(LAB_STACKS))

# The lab's secrets are in this repository, under a passphrase that everyone knows; a person's own
# passphrase is for a person's own stacks.
ifneq ($(IS_LAB),)
export PULUMI_CONFIG_PASSPHRASE := lab
unexport PULUMI_CONFIG_PASSPHRASE_FILE
endif

# The tools of node_modules by name: npx takes half a second to find them.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

SHELL := /bin/bash
.SHELLFLAGS := -eo pipefail -c
.DEFAULT_GOAL := help
# Each step needs the one before it.
.NOTPARALLEL:

.PHONY: help up preview destroy status doctor verify inspect cleanup recover adopt import-phoenix outputs down machine deps dev-deps tools docs check test screenshot unit test-lab test-node soak bench machine-for-tests

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(if $(IS_LAB),machine) tools ## build the site of STACK (dev: in a lab on this machine), or bring it up to date (FLAGS=--refresh)
	@commands/up.sh $(STACK) $(if $(IS_LAB),lab,node) $(FLAGS)

preview: tools ## show what `make up` would change, and write it to preview.md
	@toolchain/pulumi stack select --create --stack $(STACK) --non-interactive
	@tsx commands/preview/main.ts $(STACK) -- $(FLAGS)

outputs: deps ## print the addresses
	@toolchain/pulumi stack output --stack $(STACK) --json

destroy: tools ## take everything away that STACK made, and nothing else
	@tsx commands/destroy.ts $(STACK) -- $(FLAGS)

status: deps ## how the site is now: services, apps, leases, the bridge (FLAGS='--json --watch')
	@tsx commands/status.ts $(STACK) $(FLAGS)

doctor: deps ## look for what is wrong, also with nothing up; changes nothing (FLAGS=--json)
	@tsx commands/doctor.ts $(STACK) $(FLAGS)

verify: tools ## go through the checklist, each line looked at (FLAGS='--json --only 3,4')
	@tsx commands/verify.ts $(STACK) $(FLAGS)

inspect: deps ## show what one would look at by hand on the node
	@tsx commands/inspect.ts $(STACK)

cleanup: deps ## when Pulumi's state is lost: show what is this stack's on the node, and ask before removing it
	@tsx commands/cleanup.ts $(STACK)

recover: tools ## after a killed update: unlock, take over what was made, forget what was not
	@tsx commands/recover.ts $(STACK) -- $(FLAGS)

adopt: tools ## take a container that you made into the declaration (VMID=150 NAME=mail; YES=1 asks nothing)
	@tsx commands/adopt.ts $(STACK) $(VMID) $(NAME) $(if $(YES),--yes)

import-phoenix: node_modules/.package-lock.json ## turn the two files of a Phoenix hypervisor into a declaration (HYPERVISOR=FILE LXC=FILE)
	@tsx commands/import-phoenix.ts "$(HYPERVISOR)" "$(LXC)"

down: node_modules/.package-lock.json ## end the lab; its caches stay
	@lab/lab down

# Whether the lab can run here: seconds, before anything is downloaded or built.
machine:
	@commands/machine.sh lab

# All that an operator's command needs besides Node and Pulumi.
deps: node_modules/.package-lock.json ## install the npm packages; real nodes need no more

dev-deps: deps ## install what checks, tests and benchmarks need on this machine (Debian packages, as root)
	@commands/deps.sh

tools: deps
	@toolchain/get.sh $(STACK)

node_modules/.package-lock.json: package-lock.json
	@commands/machine.sh node
	@# On stderr, as the target that needs them may print what is kept in a file.
	@echo "Installing npm packages (about 20 s)" >&2
	@npm ci --no-audit --no-fund >&2
	@touch $@

docs: node_modules/.package-lock.json ## write the documents that are made from code
	@tsx commands/docs/write.ts
	@tsx lab/coverage.ts

check: dev-deps ## types, lint, format, shell, unit tests: no root, no network, under a minute
	@test/all.sh static unit

unit: node_modules/.package-lock.json ## the unit tests alone
	@test/all.sh unit

# The world that `make test` builds and changes end to end; e2e is all of that folder, which CI goes through.
WORLDS ?= e2e/site

test: machine-for-tests dev-deps tools ## every suite, with one world end to end (WORLDS=e2e: with all of them, three times as long)
	@test/all.sh lab $(WORLDS) unit engine sdk static toolchain

machine-for-tests:
	@commands/machine.sh test

test-lab: machine-for-tests dev-deps tools ## every test of the lab itself
	@test/all.sh lab-unit lab

test-node: node_modules/.package-lock.json ## hold a real node's API to the lab's contract (PVE_ENDPOINT ...)
	@mocha --reporter test/support/reporter.ts test/lab/api-contract.test.ts

soak: machine-for-tests dev-deps tools ## try what the promises are about as often as CI has no time for: generated packets, edits, kills (hours; SEED=2 for others)
	@SOAK=1 mocha --reporter test/support/reporter.ts test/scripts/bundle.test.ts
	@SOAK=1 test/all.sh e2e/hostile
	@SOAK=1 mocha --reporter test/support/reporter.ts test/engine/random-edits.test.ts test/soak/kill-walk.test.ts

bench: machine dev-deps tools ## measure all that is measured, side by side, and write docs/benchmarks.md
	@tsx test/bench/main.ts $(FLAGS)

bench-%: machine dev-deps tools # one part of it: make bench-planning, make bench-lab
	@tsx test/bench/main.ts $* $(FLAGS)

screenshot: machine dev-deps tools ## recreate docs/status.png: the status page of a lab in a browser
	@commands/deps.sh chromium
	@SCREENSHOT=docs/status.png mocha --reporter test/support/reporter.ts --require tsx --require test/e2e/support/world.ts --timeout 1200000 test/e2e/page/1-page.test.ts
