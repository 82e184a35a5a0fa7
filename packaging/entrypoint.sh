#!/bin/sh
# What a container does: `up` (everything), `web`, `worker`, `migrate`, `healthy`, or any other command of the program.
# A secret may come as a file: SPOTIFY_CLIENT_SECRET_FILE=/run/secrets/spotify is read into SPOTIFY_CLIENT_SECRET.
set -eu

for name in APP_SECRET NEXTAUTH_SECRET DATABASE_URL SPOTIFY_CLIENT_ID SPOTIFY_CLIENT_SECRET \
    REDIS_URL UPSTASH_REDIS_REST_TOKEN QSTASH_TOKEN QSTASH_CURRENT_SIGNING_KEY QSTASH_NEXT_SIGNING_KEY \
    SENTRY_DSN SENTRY_AUTH_TOKEN SLACK_WEBHOOK_URL SMTP_URL SMS_URL; do
    eval "file=\${${name}_FILE:-}"
    [ -n "$file" ] || continue
    if [ ! -r "$file" ]; then
        echo "${name}_FILE names $file, which can't be read." >&2
        exit 2
    fi
    value=$(cat "$file")
    export "$name=$value"
    unset "${name}_FILE"
done

home=${AUDIOSPECTIVE_HOME:-/var/lib/audiospective}
port=${PORT:-8000}
command=${1:-up}
[ $# -eq 0 ] || shift

if [ "$command" = up ] && { [ ! -d "$home" ] || [ ! -w "$home" ]; }; then
    echo "The data folder $home can't be written by account $(id -u); give the volume to it: chown -R $(id -u) …" >&2
    exit 2
fi

case $command in
    up) exec audiospective up --host 0.0.0.0 --port "$port" "$@" ;;
    web) exec audiospective serve --host 0.0.0.0 --port "$port" "$@" ;;
    healthy) exec python -c "
import sys, urllib.request
host = sys.argv[2].split('://', 1)[-1] or 'localhost'
asked = urllib.request.Request('http://127.0.0.1:%s/api/health' % sys.argv[1], headers={'Host': host})
sys.exit(urllib.request.urlopen(asked, timeout=2).status != 200)
" "$port" "${APP_URL:-${NEXTAUTH_URL:-}}" ;;
    *) exec audiospective "$command" "$@" ;;
esac
