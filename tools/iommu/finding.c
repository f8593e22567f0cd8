// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu --check: what is found, and how names get into commands */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct finding *add(struct findings *findings, const char *kind, const char *format,
			   va_list args)
{
	struct finding *finding = xcalloc(1, sizeof(*finding));

	finding->kind = kind;
	finding->text = xvprintf(format, args);
	if (findings->last)
		findings->last->next = finding;
	else
		findings->first = finding;
	findings->last = finding;
	return finding;
}

struct finding *finding_add(struct findings *findings, const char *kind, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	va_start(args, format);
	finding = add(findings, kind, format, args);
	va_end(args);
	return finding;
}

struct finding *finding_of_group(struct findings *findings, const char *kind,
				 const struct group *group, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	va_start(args, format);
	finding = add(findings, kind, format, args);
	va_end(args);
	finding->group = group;
	return finding;
}

struct finding *finding_of_device(struct findings *findings, const char *kind,
				  const struct device *dev, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	va_start(args, format);
	finding = add(findings, kind, format, args);
	va_end(args);
	finding->dev = dev;
	finding->group = dev->group;
	return finding;
}

void advise(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finding->advice = xvprintf(format, args);
	va_end(args);
}

void command_add(struct finding *finding, char *command)
{
	finding->commands = xrealloc(finding->commands, finding->n + 1,
				     sizeof(*finding->commands));
	finding->commands[finding->n++] = command;
}

void command_add_write(struct finding *finding, const char *text, const struct device *dev,
		       const char *file)
{
	char *path = dev->is_pci ? xprintf("/sys/bus/pci/devices/%s/%s", dev->own_name, file) :
				   xprintf("/sys/kernel/iommu_groups/%d/devices/%s/%s",
					   dev->group->id, dev->name, file);
	char *quoted_path = quoted(path), *quoted_text = quoted(text);

	command_add(finding, xprintf("echo %s%s>%s", quoted_text, *text ? " " : "", quoted_path));
	free(quoted_text);
	free(quoted_path);
	free(path);
}

static void free_finding(struct finding *finding)
{
	while (finding->n)
		free(finding->commands[--finding->n]);
	free(finding->commands);
	free(finding->advice);
	free(finding->text);
	free(finding);
}

void findings_free(struct findings *findings)
{
	struct finding *finding;

	while ((finding = findings->first)) {
		findings->first = finding->next;
		free_finding(finding);
	}
}

/* The names are those of a machine that may be somebody else's, and root types the commands */
char *quoted(const char *text)
{
	static const char harmless[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.,:@%/";
	char *copy, *to;

	if (strspn(text, harmless) == strlen(text))
		return xstrdup(text);
	/* Each quote becomes four characters */
	copy = xcalloc(4 * strlen(text) + 3, 1);
	to = copy;
	*to++ = '\'';
	for (; *text; text++) {
		if (*text == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *text;
	}
	*to++ = '\'';
	return copy;
}

char *device_text(const struct device *dev)
{
	char *what = description(dev);
	char *text = what ? xprintf("%s (%s)", dev->name, what) : xstrdup(dev->name);

	free(what);
	return text;
}
