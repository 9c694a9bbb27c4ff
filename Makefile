# Moonring. `make help` lists what there is; the logic of each target lives in Go or in scripts/.

export CGO_ENABLED := 0

GO        ?= go
BIN       := bin/moonring
VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME  ?= 30s
SOAKTIME  ?= 1h
BENCHARGS ?=
# A wrapper that scripts/deps.sh puts around the LuaJIT it unpacks; the differential tests of `lua` and the benchmarks run it.
export MOONRING_LUAJIT := $(CURDIR)/build/luajit/run

.DEFAULT_GOAL := help
.PHONY: help build run test test-full soak bench lint fuzz generate deps clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# -funcalign: see lua/run.go.
build: ## build bin/moonring: static, without cgo
	$(GO) build -trimpath -ldflags '-s -w -funcalign=64 -X main.version=$(VERSION)' -o $(BIN) .

run: build ## build, then serve examples/edge and print the address to open
	$(BIN) run examples/edge

test: deps lint ## install what the tests compare against (apt), check style, run every test
	$(GO) test -timeout 12m ./...
	@echo 'test: everything passed'

test-full: deps lint ## the same tests with the full counts (10^7 requests, long hammers)
	MOONRING_FULL=1 $(GO) test -timeout 60m ./...

soak: deps ## run the soak tests for SOAKTIME (1h), see docs/soak.md
	MOONRING_SOAK=$(SOAKTIME) $(GO) test -count=1 -v -timeout 30h -run Soak ./...

bench: deps build ## compare with nginx and with other Lua engines; writes bench/results/
	$(GO) run ./bench/run $(BENCHARGS)

lint: ## gofmt, go vet, the import rules and the paths named in the documents
	@test -z "$$(gofmt -l .)" || { echo 'gofmt would change:'; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) test ./internal/archtest

fuzz: ## run every fuzz target for FUZZTIME (30s)
	scripts/fuzz.sh $(FUZZTIME)

generate: ## write the generated sources again
	$(GO) generate ./...

deps: ## install nginx with its Lua module, wrk, lua5.1, curl (apt) and unpack a LuaJIT below build/
	scripts/deps.sh

clean: ## remove what was built
	rm -rf bin build
