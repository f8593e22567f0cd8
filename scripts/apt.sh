# shellcheck shell=bash disable=SC2154
# Sourced: apt for Debian 12 and 13 at once and for any architecture, with lists of its own in the cache.
# Nothing that this machine's apt has is changed.

# From where this machine has Debian, else from where all have it
debian_sources() {
	local found suite signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
	# shellcheck disable=SC2016 # apt expands them
	found=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
		grep -E ' (bookworm|trixie)(-updates|-security)?$') ||
		found=$(printf 'http://deb.debian.org/debian%s\n' " "{bookworm,bookworm-updates} '-security bookworm-security')
	for suite in bookworm trixie; do
		sed -E "s#(.*) (bookworm|trixie)(.*)#deb $signed \1 $suite\3 main#" <<<"$found"
	done | sort -u
}

# debian ARCHITECTURE TOOL ARGUMENT...: apt-get or apt-cache
debian() {
	local dir=$cache/apt-$1 options
	options=(-o "APT::Architecture=$1" -o "APT::Architectures=$1" -o "Dir::State::Lists=$dir/lists"
		-o "Dir::Cache=$dir/cache" -o "Dir::Etc::sourcelist=$dir/sources" -o "Dir::Etc::sourceparts=-")
	[ "$(id -u)" -ne 0 ] || options+=(-o "APT::Sandbox::User=root")
	mkdir -p "$dir"/lists/partial "$dir"/cache/archives/partial
	debian_sources >"$dir/sources"
	"$2" "${options[@]}" "${@:3}"
}
