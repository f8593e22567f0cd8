// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: what the host has on a network interface: a default route, sessions of ssh,
 * and bridges, bonds and others that it is a part of, which have such in turn
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* As for disks */
#define MAX_DEPTH	16

#define RTF_REJECT	0x200

/* An address of IPv6 in hexadecimal */
#define ADDRESS6_LEN	32

#define DEFAULT6	"00000000000000000000000000000000"

/* Of the routes that lead to an address, those that count: the longest, then the cheapest */
struct route {
	const char *wanted;	/* the interface that is asked about */
	int length;		/* of the prefix, -1 for none yet */
	unsigned long metric;
	bool is_by_wanted;	/* is it by that interface, or one of them? */
};

static char *read_net(const struct groups *groups, const char *file)
{
	char *dir = xprintf("%s/proc/net", groups->root), *text = file_read_in(dir, file);

	free(dir);
	return text;
}

/* Words of a line into what there is room for; their number */
static size_t split(char *line, char **word, size_t n)
{
	size_t i = 0;

	while (i < n && (word[i] = strsep(&line, " \t"))) {
		if (*word[i])
			i++;
	}
	return i;
}

/* All interfaces have a route to the link-local peers of IPv6, and nobody tells which it is */
static void take_route(struct route *best, int length, unsigned long metric,
		       const char *interface)
{
	bool is_by_wanted = !strcmp(interface, best->wanted);

	if (length < best->length || (length == best->length && metric > best->metric))
		return;
	if (length == best->length && metric == best->metric)
		is_by_wanted |= best->is_by_wanted;
	best->length = length;
	best->metric = metric;
	best->is_by_wanted = is_by_wanted;
}

/*
 * Numbers of four bytes in the order of the machine, here as in tcp, so that their order does
 * not matter: "Iface Destination Gateway Flags RefCnt Use Metric Mask ..."
 */
static void find_route4(const struct groups *groups, unsigned long address, struct route *best)
{
	char *text = read_net(groups, "route"), *rest = text, *line, *word[8];
	unsigned long to, flags, metric, mask;

	while ((line = strsep(&rest, "\n"))) {
		if (split(line, word, ARRAY_SIZE(word)) == ARRAY_SIZE(word) &&
		    number_parse(word[1], 16, UINT_MAX, &to) &&
		    number_parse(word[3], 16, UINT_MAX, &flags) &&
		    number_parse(word[6], 10, UINT_MAX, &metric) &&
		    number_parse(word[7], 16, UINT_MAX, &mask) &&
		    !(flags & RTF_REJECT) && (address & mask) == to)
			take_route(best, __builtin_popcountl(mask), metric, word[0]);
	}
	free(text);
}

static bool has_prefix6(const char *address, const char *prefix, unsigned long bits)
{
	char one[2] = {}, other[2] = {};
	unsigned long digits = bits / 4, rest = bits % 4;

	if (strncmp(address, prefix, digits))
		return false;
	if (!rest)
		return true;
	*one = address[digits];
	*other = prefix[digits];
	return !((strtoul(one, NULL, 16) ^ strtoul(other, NULL, 16)) >> (4 - rest));
}

/* "<to> <bits> <from> <bits> <next> <metric> <references> <use> <flags> <interface>" */
static void find_route6(const struct groups *groups, const char *address, struct route *best)
{
	char *text = read_net(groups, "ipv6_route"), *rest = text, *line, *word[10];
	unsigned long bits, metric, flags;

	while ((line = strsep(&rest, "\n"))) {
		if (split(line, word, ARRAY_SIZE(word)) == ARRAY_SIZE(word) &&
		    strlen(word[0]) == ADDRESS6_LEN &&
		    number_parse(word[1], 16, 128, &bits) &&
		    number_parse(word[5], 16, UINT_MAX, &metric) &&
		    number_parse(word[8], 16, UINT_MAX, &flags) &&
		    !(flags & RTF_REJECT) && has_prefix6(address, word[0], bits))
			take_route(best, bits, metric, word[9]);
	}
	free(text);
}

static bool has_default_route(const struct groups *groups, const char *interface)
{
	char *text = read_net(groups, "route"), *rest = text, *line, *word[10];
	unsigned long mask, flags;
	bool has = false;

	while (!has && (line = strsep(&rest, "\n")))
		has = split(line, word, 8) == 8 && !strcmp(word[0], interface) &&
		      !strcmp(word[1], "00000000") &&
		      number_parse(word[3], 16, UINT_MAX, &flags) && !(flags & RTF_REJECT) &&
		      number_parse(word[7], 16, UINT_MAX, &mask) && !mask;
	free(text);
	text = read_net(groups, "ipv6_route");
	rest = text;
	while (!has && (line = strsep(&rest, "\n")))
		has = split(line, word, 10) == 10 && !strcmp(word[9], interface) &&
		      !strcmp(word[0], DEFAULT6) && !strcmp(word[1], "00") &&
		      number_parse(word[8], 16, UINT_MAX, &flags) && !(flags & RTF_REJECT);
	free(text);
	return has;
}

/* Of what the session that one types in says, if it is on the machine that is looked at */
static unsigned long own_ssh_port(const struct groups *groups)
{
	const char *session = getenv("SSH_CONNECTION"), *last;
	unsigned long port;

	if (!session || strcmp(groups->root, "/"))
		return 0;
	last = strrchr(session, ' ');
	return last && number_parse(last + 1, 10, 0xffff, &port) ? port : 0;
}

/* Four numbers of four bytes in the order of the machine, of which nearly all are little-endian */
static void find_route_to6(const struct groups *groups, const char *peer, struct route *best)
{
	static const char mapped[] = "0000000000000000FFFF0000";
	char address[ADDRESS6_LEN + 1] = {};
	unsigned long address4;
	size_t i;

	if (!strncmp(peer, mapped, strlen(mapped))) {
		if (number_parse(peer + strlen(mapped), 16, UINT_MAX, &address4))
			find_route4(groups, address4, best);
		return;
	}
	for (i = 0; i < ADDRESS6_LEN; i += 2)
		memcpy(&address[i], &peer[i / 8 * 8 + 6 - i % 8], 2);
	for (i = 0; i < ADDRESS6_LEN; i++)
		address[i] += address[i] >= 'A' && address[i] <= 'F' ? 'a' - 'A' : 0;
	find_route6(groups, address, best);
}

/* "<number>: <address>:<port> <address>:<port> <state> ...", state 01 for a session that is on */
static bool is_session(char *line, unsigned long own_port, char **peer)
{
	char *word[4], *colon;
	unsigned long port;

	if (split(line, word, ARRAY_SIZE(word)) != ARRAY_SIZE(word) || strcmp(word[3], "01"))
		return false;
	colon = strchr(word[1], ':');
	if (!colon || !number_parse(colon + 1, 16, 0xffff, &port) ||
	    (port != 22 && (!own_port || port != own_port)))
		return false;
	*peer = word[2];
	colon = strchr(*peer, ':');
	if (!colon)
		return false;
	*colon = '\0';
	return true;
}

/* Does ssh answer by this interface to one of those in the file? */
static bool has_session_in(const struct groups *groups, const char *file, const char *interface)
{
	char *text = read_net(groups, file), *rest = text, *line, *peer;
	unsigned long port = own_ssh_port(groups), address;
	struct route best;
	bool has = false;

	while (!has && (line = strsep(&rest, "\n"))) {
		if (!is_session(line, port, &peer))
			continue;
		best = (struct route) { .wanted = interface, .length = -1 };
		if (strlen(peer) == ADDRESS6_LEN)
			find_route_to6(groups, peer, &best);
		else if (number_parse(peer, 16, UINT_MAX, &address))
			find_route4(groups, address, &best);
		has = best.is_by_wanted;
	}
	free(text);
	return has;
}

static bool has_session(const struct groups *groups, const char *interface)
{
	return has_session_in(groups, "tcp", interface) ||
	       has_session_in(groups, "tcp6", interface);
}

static bool check_name(struct check *check, const struct device *dev, const char *name,
		       const char *place)
{
	bool needed = false;

	if (has_default_route(check->groups, name)) {
		finding_of_device(&check->host, "route", dev, "%s has the default route (%s)",
				  dev->name, place);
		needed = true;
	}
	if (has_session(check->groups, name)) {
		finding_of_device(&check->host, "ssh", dev, "%s has a session of ssh (%s)",
				  dev->name, place);
		needed = true;
	}
	return needed;
}

/* What a link "upper_NAME" leads to is made of the interface, as a bridge, a bond or a VLAN */
static bool check_layers(struct check *check, const struct device *dev, const char *dir,
			 const char *place, int depth)
{
	static const char upper[] = "upper_";
	char **names, *name, *above, *text;
	int i, n = dir_read(dir, &names);
	bool needed = false;

	for (i = 0; i < n && depth < MAX_DEPTH; i++) {
		if (strncmp(names[i], upper, strlen(upper)))
			continue;
		name = names[i] + strlen(upper);
		above = xprintf("%s/%s", dir, names[i]);
		text = xprintf("%s on %s", name, place);
		if (!check_name(check, dev, name, text))
			finding_of_device(&check->host, "upper", dev, "%s has a part of %s",
					  dev->name, text);
		check_layers(check, dev, above, text, depth + 1);
		needed = true;
		free(text);
		free(above);
	}
	dir_free(names);
	return needed;
}

bool check_interface(struct check *check, const struct device *dev, const char *dir)
{
	const char *name = strrchr(dir, '/') + 1;
	bool needed = check_name(check, dev, name, name);

	return check_layers(check, dev, dir, name, 0) || needed;
}
