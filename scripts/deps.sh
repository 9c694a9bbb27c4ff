#!/usr/bin/env bash
# Installs what the tests and benchmarks compare Moonring with. `make build` and `make run` need none of it.
#   from apt: nginx, its modules lua, echo and headers-more, wrk, redis-server, lua5.1, curl (installed only if missing)
#   unpacked: LuaJIT below build/luajit, not installed: its shared library has the soname of the OpenResty
#             branch that nginx's Lua module depends on, and the two packages exclude each other.
# build/luajit/run is the command to use (MOONRING_LUAJIT).
set -euo pipefail
cd "$(dirname "$0")/.."

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
updated=

apt_update() {
    if [ -z "$updated" ]; then
        "${as_root[@]}" apt-get update -q
        updated=yes
    fi
}

# Debian starts nginx on port 80 as soon as it is installed; nobody who runs tests asked for that.
forbid_service_start() {
    if [ -e /usr/sbin/policy-rc.d ]; then return; fi
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
    "${as_root[@]}" chmod 755 /usr/sbin/policy-rc.d
    trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
}

missing=()
want() { # PACKAGE FILE-OR-COMMAND
    case $2 in
        /*) [ -e "$2" ] || missing+=("$1") ;;
        *) PATH="$PATH:/usr/sbin:/sbin" command -v "$2" >/dev/null || missing+=("$1") ;;
    esac
}
want nginx nginx
want libnginx-mod-http-lua /usr/lib/nginx/modules/ngx_http_lua_module.so
want libnginx-mod-http-echo /usr/lib/nginx/modules/ngx_http_echo_module.so
want libnginx-mod-http-headers-more-filter /usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so
want wrk wrk
want redis-server redis-server
want lua5.1 lua5.1
want curl curl
if [ ${#missing[@]} -gt 0 ]; then
    echo "deps: installing ${missing[*]}"
    apt_update
    forbid_service_start
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

dir=build/luajit
if ! { [ -x $dir/run ] && $dir/run -e 'assert(jit.version)' 2>/dev/null; }; then
    echo "deps: unpacking LuaJIT into $dir"
    rm -rf $dir
    mkdir -p $dir/deb $dir/root
    packages=(luajit libluajit-5.1-2 libluajit-5.1-common)
    (cd $dir/deb && apt-get download -q "${packages[@]}" 2>/dev/null) || {
        apt_update
        (cd $dir/deb && apt-get download -q "${packages[@]}")
    }
    for deb in $dir/deb/*.deb; do dpkg -x "$deb" $dir/root; done
    cat >$dir/run <<'RUN'
#!/bin/sh
# The unpacked LuaJIT with its own library and its own jit.* modules.
root=$(dirname "$(readlink -f "$0")")/root/usr
for d in "$root"/lib/*-linux-gnu; do LD_LIBRARY_PATH=$d; done
export LD_LIBRARY_PATH
exec "$root/bin/luajit" "$@"
RUN
    chmod 755 $dir/run
    $dir/run -v
fi
