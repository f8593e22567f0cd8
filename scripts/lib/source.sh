# shellcheck shell=bash disable=SC2154
# Sourced: Debian's packages of the base's source, by their versions. bases/BASE/package is a pattern of their
# names, and bases/BASE/suites has the suites that offer them.
. "$top/scripts/lib/apt.sh"

pattern=$(setting package)
suites=$(setting suites)

# package_of VERSION: Debian has the first two numbers in its name
package_of() {
	echo "linux-source-$(grep -oE '^[0-9]+\.[0-9]+' <<<"$1")"
}

# deb_of VERSION: where the cache has its package, or will have it
deb_of() {
	echo "$cache/deb/$(package_of "$1")_$1_all.deb"
}

# Versions on offer, the newest first
offers() {
	local name names=()
	for name in $(debian amd64 apt-cache pkgnames linux-source-); do
		# shellcheck disable=SC2053 # a pattern
		[[ $name != $pattern ]] || names+=("$name")
	done
	[ ${#names[@]} -eq 0 ] || debian amd64 apt-cache madison "${names[@]}" | awk '{ print $3 }' | sort -rVu
}

# Those in the cache
cached() {
	find "$cache/deb" -name "${pattern}_*_all.deb" | sed 's/.*_\(.*\)_all\.deb/\1/' | sort -rVu
}

update_lists() {
	[ -z "${lists_updated:-}" ] || return 0
	lists_updated=1
	if logged "$logs/apt.log" debian amd64 apt-get update; then
		touch "$(apt_dir amd64)/lists"
	else
		say "warning: the package lists could not be updated; going on with the old ones"
	fi
}

# A day old at most
lists_are_new() {
	[ -n "$(find "$(apt_dir amd64)" -maxdepth 1 -name lists -mmin -1440 2>/dev/null)" ]
}

# download VERSION: into the cache, where its package is not there yet; false if it cannot be had
download() (
	deb=$(deb_of "$1")
	[ ! -s "$deb" ] || return 0
	mkdir -p "$cache/deb"
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	at_end rm -rf "$tmp"
	cd "$tmp" && debian amd64 apt-get download "$(package_of "$1")=$1" && mv ./*.deb "$deb"
)

# unpack DEB DIRECTORY [PATH...]: the source, or what is named of it
unpack() {
	local name paths=("${@:3}")
	name=$(basename "$1" | cut -d _ -f 1)
	dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/src/$name.tar.xz" |
		tar -xJ --strip-components=1 -C "$2" "${paths[@]/#/$name/}"
}
