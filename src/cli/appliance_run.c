/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone appliance run" and "holystone appliance shell": options in, one hs_appliance_run().
 */
#include <argp.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/appliance.h"
#include "base/array.h"
#include "cli/appliance.h"
#include "cli/options.h"

#define MEMORY_LEAST ((uint64_t)64 << 20) /* less does not boot */

enum { OPT_CPUS = 0x100, OPT_MEMORY, OPT_TIMEOUT, OPT_CONSOLE, OPT_KERNEL, OPT_ENV };

struct options {
	struct hs_appliance a;
	struct hs_appliance_disk disks[HS_APPLIANCE_MAX_DISKS];
	struct hs_appliance_file *files;
	size_t files_room;
	const char **env;
	size_t n_env, env_room;
	bool shell;
	char **command; /* points into argv */
};

static const struct argp_option run_options[] = {
	{"disk", 'd', "[NAME=]FILE[:ro|:cow]", 0,
	 "attach an image or device as /disk/NAME (d0, d1, ... by default); ro: read-only, cow: "
	 "what is written is dropped",
	 0},
	{"share", 's', "DIR", 0, "show this directory as /share, writable", 0},
	{"with", 'w', "FILE[:PLACE]", 0,
	 "copy a program with its libraries, a file or a directory into the guest", 0},
	{"env", OPT_ENV, "NAME=VALUE", 0, "set a variable for the command", 0},
	{"cpus", OPT_CPUS, "N", 0, "processors (default 1, at most 16)", 0},
	{"memory", OPT_MEMORY, "SIZE", 0, "memory, as 512M or 2G (default 1G)", 0},
	{"timeout", OPT_TIMEOUT, "SECONDS", 0, "end the command after this time, exit 124", 0},
	{"console", OPT_CONSOLE, "FILE", 0, "write what the guest's kernel says to FILE", 0},
	{"kernel", OPT_KERNEL, "FILE", 0, "this User Mode Linux kernel instead of the built one",
	 0},
	{0},
};

static void parse_disk(struct options *o, struct argp_state *state, char *text)
{
	struct hs_appliance_disk *d = &o->disks[o->a.n_disks];
	char *equals = strchr(text, '='), *colon = strrchr(text, ':');

	if (o->a.n_disks == HS_APPLIANCE_MAX_DISKS)
		argp_error(state, "more than %d disks", HS_APPLIANCE_MAX_DISKS);
	/* A name has no '/' or '.', so "./a=b" is a path. */
	if (equals && strcspn(text, "/.") > (size_t)(equals - text)) {
		*equals = '\0';
		d->name = text;
		text = equals + 1;
	}
	if (colon && !strcmp(colon, ":ro"))
		d->access = HS_DISK_RO;
	else if (colon && !strcmp(colon, ":cow"))
		d->access = HS_DISK_COW;
	else
		colon = NULL;
	if (colon)
		*colon = '\0';
	d->path = text;
	o->a.n_disks++;
}

static void parse_file(struct options *o, struct argp_state *state, char *text)
{
	char *colon = strrchr(text, ':');

	if (hs_array_grow(&o->files, &o->files_room, o->a.n_files + 1))
		argp_failure(state, HS_EXIT_APPLIANCE, 0, "out of memory");
	if (colon && colon[1] == '/')
		*colon++ = '\0';
	else
		colon = NULL;
	o->files[o->a.n_files++] = (struct hs_appliance_file){text, colon};
}

static void add_env(struct options *o, struct argp_state *state, const char *text)
{
	if (hs_array_grow(&o->env, &o->env_room, o->n_env + 2))
		argp_failure(state, HS_EXIT_APPLIANCE, 0, "out of memory");
	o->env[o->n_env++] = text;
	o->env[o->n_env] = NULL;
}

static uint64_t parse_number(struct argp_state *state, const char *what, const char *text,
			     uint64_t least, uint64_t most)
{
	uint64_t n = 0;

	if (hs_parse_number(text, least, most, &n))
		argp_error(state, "%s '%s': a number from %llu to %llu", what, text,
			   (unsigned long long)least, (unsigned long long)most);
	return n;
}

static uint64_t parse_memory(struct argp_state *state, const char *text)
{
	uint64_t bytes = 0;

	if (hs_parse_size(text, &bytes) || bytes < MEMORY_LEAST)
		argp_error(state, "memory '%s': a size, 64M or more", text);
	return bytes;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'd':
		parse_disk(o, state, arg);
		break;
	case 's':
		o->a.share = arg;
		break;
	case 'w':
		parse_file(o, state, arg);
		break;
	case OPT_ENV:
		if (!strchr(arg, '='))
			argp_error(state, "--env wants NAME=VALUE");
		add_env(o, state, arg);
		break;
	case OPT_CPUS:
		o->a.cpus = (unsigned)parse_number(state, "cpus", arg, 1, 16);
		break;
	case OPT_MEMORY:
		o->a.memory = parse_memory(state, arg);
		break;
	case OPT_TIMEOUT:
		o->a.timeout_ms = parse_number(state, "timeout", arg, 1, UINT32_MAX) * 1000;
		break;
	case OPT_CONSOLE:
		o->a.console = open(arg, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (o->a.console < 0)
			argp_failure(state, HS_EXIT_APPLIANCE, errno, "%s", arg);
		break;
	case OPT_KERNEL:
		o->a.kernel = arg;
		break;
	case ARGP_KEY_ARGS:
		o->command = state->argv + state->next;
		break;
	case ARGP_KEY_NO_ARGS:
		if (!o->shell)
			argp_error(state, "which command?");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/*
 * The guest speaks the caller's character set as far as it can: C.UTF-8 is in every C library of
 * Debian 12 and later, other locales would need files.
 */
static void add_locale(struct options *o)
{
	setlocale(LC_CTYPE, "");
	if (!strcmp(nl_langinfo(CODESET), "UTF-8"))
		add_env(o, NULL, "LC_ALL=C.UTF-8");
}

static int run(struct options *o)
{
	struct hs_appliance_result result;

	o->a.disks = o->disks;
	o->a.files = o->files;
	o->a.env = o->env;
	if (hs_appliance_run(&o->a, &result))
		return HS_EXIT_APPLIANCE;
	return hs_appliance_exit_code(&result);
}

static int parse_and_run(struct hs_cli *cli, int argc, char **argv, struct options *o,
			 const char *args_doc, const char *doc)
{
	const struct argp argp = {run_options, parse, args_doc, doc, NULL, NULL, NULL};
	int code;

	argp_err_exit_status = HS_EXIT_APPLIANCE;
	o->a.log = cli->log;
	o->a.in = STDIN_FILENO;
	o->a.out = STDOUT_FILENO;
	o->a.err = STDERR_FILENO;
	o->a.console = -1;
	add_locale(o);
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, o))
		return HS_EXIT_APPLIANCE;
	if (o->command)
		o->a.argv = (const char *const *)o->command;
	code = run(o);
	free(o->files);
	free(o->env);
	return code;
}

int hs_command_appliance_run(struct hs_cli *cli, int argc, char **argv)
{
	struct options o = {.shell = false};

	return parse_and_run(cli, argc, argv, &o, "[--] COMMAND [ARGUMENT...]",
			     "Runs a command of this machine inside the appliance: a User Mode "
			     "Linux guest whose kernel has XFS online check and repair.");
}

int hs_command_appliance_shell(struct hs_cli *cli, int argc, char **argv)
{
	static const char *const busybox[] = {"/bin/busybox", "/usr/bin/busybox"};
	static const char *const busybox_sh[] = {"/bin/busybox", "sh", NULL};
	static const char *const plain_sh[] = {"/bin/sh", NULL};
	struct options o = {.shell = true};
	const char *term = getenv("TERM");
	char term_env[128];

	o.a.argv = plain_sh;
	for (size_t i = 0; i < 2; i++)
		if (!access(busybox[i], X_OK))
			o.a.argv = busybox_sh;
	if (term && snprintf(term_env, sizeof(term_env), "TERM=%s", term) < (int)sizeof(term_env))
		add_env(&o, NULL, term_env);
	o.a.terminal = isatty(STDIN_FILENO);
	return parse_and_run(cli, argc, argv, &o, "[-- COMMAND [ARGUMENT...]]",
			     "Gives a shell inside the appliance (busybox where it is installed).");
}
