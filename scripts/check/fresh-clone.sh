#!/usr/bin/env bash
# Clones HEAD into a directory of its own and runs the README's two commands there, as a first-time reader would.
set -euo pipefail
root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT

git clone --quiet --no-local "$root" "$clone"
cd "$clone"
for command in demo test; do
  echo "== npx -y pnpm@10 $command"
  npx -y pnpm@10 "$command" </dev/null
done
git diff --exit-code
echo "fresh clone of $(git rev-parse --short HEAD): demo and test succeed"
