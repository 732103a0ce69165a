#!/bin/bash
# Runs one node server in a container, by its PGURL:
#   docker run -e PGURL='…' polyrelay/worker-python
# Fetches the worker's record and certificate, gets the code (git, or LOCAL=true: what is mounted at /app/template), lays
# out /app as published modules expect it, runs install_cloud, and becomes the program. docs/worker-images.md has it all.
set -euo pipefail

app=/app
place="$app/nodeserver"

say() { printf '[polyrelay] %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Prints the answer of the PGURL. The address is a secret: it goes to curl on its standard input.
fetch_start() {
  local wait=1 body status code
  [ -n "${PGURL:-}" ] || fail "Set PGURL: docker run -e PGURL='…' <image>. It is on the page of the node server, under Settings."
  case "$PGURL" in
    *[\"\\[:space:]]*) fail 'PGURL is not a URL: copy it whole from the page of the node server, in single quotes.' ;;
    http://* | https://*) ;;
    *) fail 'PGURL is not a URL: copy it whole from the page of the node server, in single quotes.' ;;
  esac
  while :; do
    code=0
    body=$(printf 'url = "%s"\n' "$PGURL" |
      curl --silent --max-time 15 --location --proto '=http,https' --write-out '\n%{http_code}' --config -) || code=$?
    status=${body##*$'\n'}
    body=${body%$'\n'*}
    case "$code:$status" in
      0:200)
        printf '%s' "$body"
        return
        ;;
      60:*) fail 'The HTTPS certificate of the service is of a CA that this image does not know: mount its CA and set CURL_CA_BUNDLE to the file.' ;;
      0:403) fail 'The PGURL is refused: the node server was deleted or added again. Copy its present PGURL from the dashboard.' ;;
      0:429 | 0:5*) say "The service cannot answer now ($status). Trying again in $wait s." ;;
      0:*) fail "The PGURL answered $status: copy it whole from the page of the node server." ;;
      *) say "No answer from the service (curl: $code): is it running, and reached from here? Trying again in $wait s." ;;
    esac
    sleep "$wait"
    wait=$((wait < 16 ? wait * 2 : 30))
  done
}

# of <filter>: a value of the answer.
of() { printf '%s' "$start" | jq -r "$1"; }

# A path inside the node server's folder, and nothing else.
inner() {
  case "/$2/" in
    *//* | */../*) fail "server.json: $1: “$2” must be a path inside the node server’s folder." ;;
  esac
  [ -f "$place/$2" ] || fail "server.json: $1: “$2” is not in the node server’s folder."
}

get_code() {
  rm -rf "$place"
  if [ "${LOCAL:-}" = true ]; then
    [ -f "$app/template/server.json" ] ||
      fail 'LOCAL=true, but there is no server.json in /app/template: mount the folder of the node server there (-v "$PWD:/app/template:ro").'
    say 'Copying /app/template'
    mkdir "$place"
    tar -C "$app/template" --exclude=./.git --exclude=./node_modules --exclude=./venv --exclude=./.venv -cf - . |
      tar -C "$place" --no-same-owner -xf -
    return
  fi
  local url ref=${NODE_SERVER_REF:-}
  url=${NODE_SERVER_URL:-$(of '.nodeServer.url // ""')}
  [ -n "$url" ] ||
    fail 'The node server has no git URL: set NODE_SERVER_URL, or mount its folder at /app/template and set LOCAL=true.'
  say "Cloning $url${ref:+ at $ref}"
  GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=${GIT_ALLOW_PROTOCOL:-https} \
    git -c core.hooksPath=/dev/null clone --quiet --depth 1 ${ref:+--branch "$ref"} -- "$url" "$place" ||
    fail "It could not be cloned. Private repositories and other protocols than https: mount the folder, LOCAL=true."
}

write_certificates() {
  local key
  mkdir -p "$app/certs" "$app/logs"
  for key in iotCert iotPrivateKey caCert; do
    [ -n "$(of ".$key // \"\"")" ] || fail "The answer of the PGURL lacks $key: is it the PGURL of a node server?"
  done
  (
    umask 077
    rm -f "$app/certs/private.key"
    of .caCert >"$app/certs/AmazonRootCA1.pem"
    of .iotCert >"$app/certs/iot.crt"
    of .iotPrivateKey >"$app/certs/private.key"
  )
}

install_packages() {
  if [ "$interpreter" = node ]; then
    [ ! -f package.json ] || npm install --omit=dev --no-audit --no-fund --no-update-notifier --loglevel=warn ||
      fail 'npm install failed; the lines above say why.'
  elif ! python3 -c 'import pgc_interface' 2>/dev/null; then
    local module=${PGC_INTERFACE:-pgc_interface}
    say "Installing $module"
    python3 -m pip install --quiet --user --no-warn-script-location --disable-pip-version-check "$module" ||
      fail "$module could not be installed; the lines above say why. PGC_INTERFACE names another package or file."
  fi
}

start=$(fetch_start)
printf '%s' "$start" | jq -e '.nodeServer | type == "object"' >/dev/null 2>&1 ||
  fail 'The PGURL did not answer with the JSON of a node server: is Polyrelay there, or a sign-in page in front of it?'
# Neither install scripts nor the program need it.
unset PGURL
export HOME="$app"
export PATH="$app/.local/bin:$PATH"

get_code
write_certificates
cd "$place"
[ -f server.json ] || fail 'There is no server.json in the root of the code.'
jq -e 'type == "object"' server.json >/dev/null || fail 'server.json is not a JSON object; the line above says where.'
field() { jq -r ".$1 // \"\" | tostring" server.json; }

case "$(field type)" in
  node) interpreter=node ;;
  python | python3) interpreter=python3 ;;
  *) fail 'server.json: type: must be "python3", "python" or "node".' ;;
esac
command -v "$interpreter" >/dev/null ||
  fail "This image has no $interpreter: use polyrelay/worker-$([ "$interpreter" = node ] && echo node || echo python)."
executable=$(field executable)
inner executable "$executable"
install_cloud=$(field install_cloud)
if [ -n "$install_cloud" ]; then
  inner install_cloud "$install_cloud"
  say "Running $install_cloud"
  bash -xe "$install_cloud" || fail "$install_cloud failed; the lines above say where."
fi
install_packages

export PYTHONUNBUFFERED=1
STAGE=$(of '.stage // "prod"')
MQTTENDPOINT=$(of .iotHost)
# Linux takes at most 128 KiB in one variable; a larger record goes without its nodes, which come in a config.
NODESERVER=$(of '.nodeServer | if (tojson | utf8bytelength) <= 120000 then . else .nodes |= with_entries(select(.value.isController)) end | tojson')
port=${MQTTPORT:-$(of '.mqttPort // 8883')}
export STAGE MQTTENDPOINT NODESERVER
if [ "$port" != 8883 ]; then
  export MQTTPORT="$port"
  [ "$interpreter" = node ] ||
    say "The broker is at port $port, but published Python modules always use 8883: set MQTT_PORT=8883 at the service for them."
fi
say "Starting $executable, broker $MQTTENDPOINT:$port"
exec "$interpreter" "$executable"
