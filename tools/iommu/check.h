/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lsiommu --check: what is found is collected first, and then printed as text or JSON.
 *
 *	check.c		what VFIO and the kernel ask of groups and devices
 *	traits.c	what a device and its machine are like: VFs, VMD, resets, interrupts
 *	host.c		what the host needs of a device that would be taken from it
 *	disk.c		for that: file systems, swap, and what is made of disks
 *	network.c	for that: routes, ssh sessions, bridges
 *	user.c		which programs have a group
 *	lasting.c	what has it survive a boot, and the way back
 *	finding.c	what is found, and how names get into commands
 *	check-text.c	what is printed
 *	check-json.c	and for programs
 */
#ifndef LSIOMMU_CHECK_H
#define LSIOMMU_CHECK_H

#include "lsiommu.h"

enum answer {
	ANSWER_YES,
	ANSWER_NOT_YET,
	ANSWER_NEVER,
};

/**
 * struct finding - one thing that was found
 * @kind: in a word, for programs
 * @dev: of which it is, NULL if it is of a group or the machine
 * @group: of which it is, NULL if it is of the machine
 * @text: what it is, no full stop
 * @advice: what to do about it, NULL for nothing or what the commands do
 * @commands: for root, one after another
 * @n: their number
 * @is_never: can nothing be done about it?
 * @is_held: would the commands take something from the host that it needs?
 * @next: in the order in which they are told
 */
struct finding {
	const char *kind;
	const struct device *dev;
	const struct group *group;
	char *text;
	char *advice;
	char **commands;
	size_t n;
	bool is_never;
	bool is_held;
	struct finding *next;
};

struct findings {
	struct finding *first;
	struct finding *last;
};

/**
 * struct check - devices that are to be given to a guest, and what there is to say
 * @groups: all that there are
 * @given: the devices
 * @n: their number
 * @answer: what the obstacles leave
 * @host: what the host needs
 * @obstacles: what stands in the way
 * @company: who comes along
 * @notes: what is good to know, and changes no answer
 * @lasting: what has it survive a boot
 * @back: the way back
 */
struct check {
	const struct groups *groups;
	struct device **given;
	int n;
	enum answer answer;
	struct findings host;
	struct findings obstacles;
	struct findings company;
	struct findings notes;
	struct findings lasting;
	struct findings back;
};

/* check.c */
bool is_given(const struct check *check, const struct device *dev);
bool has_given(const struct check *check, const struct group *group);
bool is_vfio(const char *driver);
/* Must a driver of the host let go of it? */
bool stands_in_the_way(const struct device *dev);

/* finding.c: of the machine, a group or a device */
struct finding *finding_add(struct findings *findings, const char *kind, const char *format, ...)
	__printf(3, 4);
struct finding *finding_of_group(struct findings *findings, const char *kind,
				 const struct group *group, const char *format, ...)
	__printf(4, 5);
struct finding *finding_of_device(struct findings *findings, const char *kind,
				  const struct device *dev, const char *format, ...)
	__printf(4, 5);
void advise(struct finding *finding, const char *format, ...) __printf(2, 3);
/* @command is freed with the finding */
void command_add(struct finding *finding, char *command);
/* Writes a text into a file of a device */
void command_add_write(struct finding *finding, const char *text, const struct device *dev,
		       const char *file);
void findings_free(struct findings *findings);
/* As a shell takes it for one word */
char *quoted(const char *text);
/* Address and description */
char *device_text(const struct device *dev);

/* user.c: programs that have a group, as a list of names; NULL for none that one can see */
char *programs_with(const struct groups *groups, const struct group *group);
/* Owned by user space, as the kernel or the programs tell */
bool is_in_user_space(const struct groups *groups, const struct group *group);

/* traits.c */
void check_machine(struct check *check);
/* Before the commands that take a device from its driver */
void check_traits(struct check *check, const struct device *dev);

/* host.c: what the host needs of it; is there anything? */
bool check_host(struct check *check, const struct device *dev);

/* disk.c: says so if it cannot tell what the host needs */
void check_knowledge(struct check *check);

/* disk.c and network.c: @dir is that of a disk or a partition, or of an interface */
bool check_disk(struct check *check, const struct device *dev, const char *dir);
/* Disks of a controller of NVMe that several controllers lead to */
bool check_shared_disks(struct check *check, const struct device *dev, const char *controller);
bool check_interface(struct check *check, const struct device *dev, const char *dir);

/* lasting.c, for an answer that is not never */
void say_what_lasts(struct check *check);

void check_print_text(const struct check *check);
void check_print_json(const struct check *check);

#endif /* LSIOMMU_CHECK_H */
