#!/bin/sh
exec "$(dirname "$0")/.venv/bin/audiospective" ops verify-env "$@"
