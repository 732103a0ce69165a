#!/usr/bin/env bash
# Does what the image does, without an engine: copies what git would give into a clean folder, builds and assembles it
# there, and starts the result by the image's own start command with its own environment: once with everything
# embedded, once with Debian's PostgreSQL and Mosquitto (where they are installed). As root it runs them as users who
# may not write into the program, as in the image.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/polyrelay-image.XXXXXX")
chmod 755 "$work"
pids=()

finish() {
  code=$?
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ "$code" -ne 0 ]; then tail -n 30 "$work"/*.log 2>/dev/null || true; fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

say() { printf '\n== %s\n' "$*"; }
free_port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
# The image's user is not root and does not own the program; nor does this one, where it can be had.
as=()
own() { :; }
if [ "$(id -u)" -eq 0 ]; then
  as=(setpriv --reuid=1000 --regid=1000 --clear-groups --)
  own() { chown -R 1000:1000 "$@"; }
fi

say "A clean copy"
mkdir "$work/src"
(cd "$root" && git ls-files -co --exclude-standard -z |
  while IFS= read -r -d '' path; do [ -f "$path" ] && printf '%s\0' "$path"; done |
  tar --null -cf - -T -) | tar -xf - -C "$work/src"

say "The build stage"
image="$work/opt/polyrelay"
(cd "$work/src" && node docker/assemble.mjs "$image")
du -sh "$image" | cut -f1
# What the service hands on, which nothing of it imports.
for file in pgc-interface-python/dist/*.whl thing/dist/thing.mjs receiver/dist/receiver.mjs push-client/dist/push-client.mjs thing-python/flashlexiot/__main__.py; do
  ls "$image"/packages/$file >/dev/null
done

say "The Dockerfile agrees with how npm start starts the service"
dockerfile="$root/docker/Dockerfile"
mapfile -t command < <(sed -n 's/^CMD //p' "$dockerfile" | node -e 'for (const w of JSON.parse(require("fs").readFileSync(0,"utf8"))) console.log(w)')
mapfile -t variables < <(sed -n 's/^ENV //p' "$dockerfile" | grep -v '^DATA_DIR=')
health=$(sed -n 's/^    CMD \[/[/p' "$dockerfile")
node --input-type=module - "${command[@]}" <<JS
import { SERVICE_ENVIRONMENT, serviceArguments } from '$root/scripts/lib/service.mjs';
const image = process.argv.slice(2);
const wanted = ['node', ...serviceArguments()];
if (image.slice(0, -1).join(' ') !== wanted.slice(0, -1).join(' ')) throw new Error('CMD: ' + image + ' / ' + wanted);
const set = \`${variables[*]}\`.split(' ');
for (const [name, value] of Object.entries(SERVICE_ENVIRONMENT))
  if (!set.includes(name + '=' + value)) throw new Error('ENV lacks ' + name + '=' + value);
JS

# start <name> <setting>… : starts the image's command, waits until it is healthy, by the image's own health check.
start() {
  local name=$1 data="$work/$1-data"
  mkdir -p "$data"
  own "$data"
  port=$(free_port)
  environment=(PATH="$PATH" HOME=/nonexistent HOST=127.0.0.1 PORT="$port" PUSH_PORT=none PUSH_TLS_PORT="$(free_port)" DATA_DIR="$data" "${variables[@]}" "${@:2}")
  (cd "$image" && exec "${as[@]}" env -i "${environment[@]}" "${command[@]}") >"$work/$name.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 150); do
    if healthy; then break; fi
    if ! kill -0 "${pids[-1]}" 2>/dev/null; then
      echo "it ended"
      exit 1
    fi
    sleep 0.2
  done
  healthy || { echo "it is not healthy"; exit 1; }
  curl -fsS "http://127.0.0.1:$port/api/health"
  echo
  for program in receiver push-client; do
    curl -fsS "http://127.0.0.1:$port/api/$program.mjs" -o "$work/$program.mjs"
    node "$work/$program.mjs" --help >/dev/null && echo "it hands out its $program"
  done
  curl -fsS "http://127.0.0.1:$port/" | grep -q '<title>' && echo "it has its dashboard"
}
healthy() {
  env -i PATH="$PATH" PORT="$port" node -e "$(printf '%s' "$health" | node -e 'console.log(JSON.parse(require("fs").readFileSync(0,"utf8"))[2])')"
}
# stop: ends what was started last, as "docker stop" does.
stop() {
  local pid=${pids[-1]}
  kill -TERM "$pid"
  wait "$pid" && echo "it stopped cleanly"
  unset 'pids[-1]'
}

say "Everything embedded"
mqtt_port=$(free_port)
start embedded MQTT_PORT="$mqtt_port"
stop

postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
mosquitto=$(PATH="$PATH:/usr/sbin" command -v mosquitto || true)
if [ -z "$postgres_bin" ] || [ -z "$mosquitto" ]; then
  say "PostgreSQL or Mosquitto is not installed: not tried with outside ones"
  exit 0
fi

say "PostgreSQL $("$postgres_bin/postgres" --version | grep -o '[0-9.]*' | head -n 1) and Mosquitto outside"
mkdir "$work/pg" "$work/mosquitto" "$work/outside-data"
own "$work/pg" "$work/mosquitto" "$work/outside-data"
pg_port=$(free_port)
"${as[@]}" "$postgres_bin/initdb" -D "$work/pg/data" -U polyrelay -A trust --locale=C -E UTF8 >/dev/null
"${as[@]}" "$postgres_bin/postgres" -D "$work/pg/data" -h 127.0.0.1 -p "$pg_port" -k "$work/pg" >"$work/postgres.log" 2>&1 &
pids+=($!)

(cd "$image" && "${as[@]}" node docker/broker-certificate.mjs "$work/outside-data" "$work/mosquitto" localhost)
sed -n '/^```acl/,/^```/p' "$root/docs/outside-broker.md" | sed '1d;$d' >"$work/mosquitto/acl"
mqtt_port=$(free_port)
cat >"$work/mosquitto/mosquitto.conf" <<CONF
listener $mqtt_port 127.0.0.1
cafile $work/mosquitto/ca.pem
certfile $work/mosquitto/broker.crt
keyfile $work/mosquitto/broker.key
require_certificate true
use_identity_as_username true
acl_file $work/mosquitto/acl
CONF
"${as[@]}" "$mosquitto" -c "$work/mosquitto/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
pids+=($!)
sleep 0.5

start outside DATABASE_URL="postgresql://polyrelay@127.0.0.1:$pg_port/postgres" MQTT_URL="mqtts://localhost:$mqtt_port"
stop

say "The image's steps work"
