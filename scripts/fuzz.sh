#!/usr/bin/env bash
# Runs every fuzz target of the module in turn, each for the time given (default 30s). Ends at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}

count=0
for pkg in $(go list ./...); do
    for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
        echo "fuzz: $pkg $target for $time"
        go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$pkg"
        count=$((count + 1))
    done
done
echo "fuzz: $count targets, no crash"
