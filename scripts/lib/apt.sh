# shellcheck shell=bash disable=SC2154
# Sourced: apt for suites of Debian and for any architecture, with lists of its own in the cache. Nothing that
# this machine's apt has is changed.

# Debian 12 and 13 unless told
suites="bookworm trixie"

# archive LABEL DEFAULT: where this machine's apt takes the archive from that calls itself so
archive() {
	local uri
	# shellcheck disable=SC2016 # apt expands them
	uri=$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' |
		awk -v label="$1" '$2 == label && /^http/ && !found { found = 1; print $1 }')
	echo "${uri:-$2}"
}

main_archive() {
	archive Debian http://deb.debian.org/debian
}

# sources_of SUITE: what a sources.list has of it
sources_of() {
	local main security
	main=$(main_archive)
	case $1 in
	sid | *-backports)
		printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$main" "$1"
		return
		;;
	esac
	security=$(archive Debian-Security http://deb.debian.org/debian-security)
	printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
		"$main" "$1" "$main" "$1-updates" "$security" "$1-security"
}

# apt_dir ARCHITECTURE: where lists of $suites are
apt_dir() {
	echo "$cache/apt-$1-${suites// /-}"
}

# debian ARCHITECTURE TOOL ARGUMENT...: apt-get or apt-cache, for $suites
debian() {
	local dir options suite
	dir=$(apt_dir "$1")
	options=(-o "APT::Architecture=$1" -o "APT::Architectures=$1" -o "Dir::State::Lists=$dir/lists"
		-o "Dir::Cache=$dir/cache" -o "Dir::Etc::sourcelist=$dir/sources" -o "Dir::Etc::sourceparts=-")
	[ "$(id -u)" -ne 0 ] || options+=(-o "APT::Sandbox::User=root")
	mkdir -p "$dir"/lists/partial "$dir"/cache/archives/partial
	# To ask this machine's apt for its archives takes long
	if [ ! -s "$dir/sources" ] || [ "$3" = update ]; then
		for suite in $suites; do
			sources_of "$suite"
		done >"$dir/sources"
	fi
	"$2" "${options[@]}" "${@:3}"
}
