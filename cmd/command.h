/* SPDX-License-Identifier: Apache-2.0 */
/* A subcommand is one declaration: dispatch, help, manual, completion and tests all read it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include <cjson/cJSON.h>

typedef enum {
    OPT_END,      /* a zeroed row ends a table */
    OPT_FLAG,     /* gboolean: GOption writes 4 bytes, a bool would corrupt its neighbours */
    OPT_STRING,   /* char * */
    OPT_STRINGS,  /* char **, may be given several times */
    OPT_PATH,     /* char *, completed as a file name */
    OPT_INT,      /* gint64 */
    OPT_SIZE,     /* gint64 in bytes: "10G", "512M", plain numbers are bytes */
    OPT_DURATION, /* gint64 in microseconds: "90s", "5m", "500ms", "0" = for ever */
    OPT_CHOICE,   /* char *, one of .choices */
} CmdOptionKind;

typedef struct {
    const char *name; /* without the dashes */
    char letter;      /* short option, 0 for none */
    CmdOptionKind kind;
    void *value;
    const char *arg;            /* what stands for the value in the help: "DURATION" */
    const char *help;           /* one sentence, no full stop */
    const char *const *choices; /* OPT_CHOICE: NULL-terminated */
} CmdOption;

typedef enum {
    ARG_END,   /* a zeroed row ends a table */
    ARG_VM,    /* char * */
    ARG_WORD,  /* char * */
    ARG_PATH,  /* char * */
    ARG_WORDS, /* char **, all that is left */
    ARG_REST,  /* char **, everything after "--", not parsed */
} CmdArgKind;

typedef struct {
    const char *name; /* as in the synopsis: "VM" */
    CmdArgKind kind;
    void *value;
    bool optional;
    const char *help;
    const char *const *choices; /* ARG_WORD: all it can be, NULL-terminated; NULL: anything */
} CmdArg;

typedef enum {
    GROUP_LIBRARY,
    GROUP_RUN,
    GROUP_STATE,
    GROUP_MEDIA,
    GROUP_SCREEN,
    GROUP_GUEST,
    GROUP_PLUMBING,
} CmdGroup;

/* Which of the shared options a command takes beside those that every command has. */
typedef enum {
    SHARED_TIMEOUT = 1 << 0, /* --timeout DURATION; default in .timeout_us */
    SHARED_YES = 1 << 1,     /* -y/--yes and --no-input */
    SHARED_DRY_RUN = 1 << 2, /* --dry-run */
    SHARED_ROOT = 1 << 3,    /* --version; for the line without a command */
    SHARED_DISPLAY = 1 << 4, /* --display N; see cmd_which_display() */
    SHARED_ACCEL = 1 << 5,   /* --accel ACCEL; see cmd_accel() */
    SHARED_PROGRAM = 1 << 6, /* --env, --cwd and --input; see cmd_program() */
} CmdShared;

typedef struct Command Command;
struct Command {
    const char *name;
    CmdGroup group;
    const char *summary;     /* one line, no full stop */
    const char *description; /* paragraphs for help and manual, or NULL */
    const CmdArg *args;
    const CmdOption *options;
    unsigned shared; /* CmdShared */
    gint64 timeout_us;
    const char *const *examples;    /* NULL-terminated pairs: command, what it does; or NULL */
    const Command *const *children; /* nested verbs; NULL-terminated; .run is NULL then */
    bool hidden;                    /* not in help or completion */
    const char *rest_at;            /* option word that swallows what follows, such as "--cmd" */
    int failure_status;             /* for errors but usage, time-out and Ctrl-C; 0: by the code */
    /* false with @error set on failure. A command whose answer is a status of its own calls
     * command_set_status() and returns true. */
    bool (*run)(GError **error);
};

/* The options that every command takes, and the shared ones, as the command line set them. */
typedef struct {
    bool json;
    bool quiet;
    bool verbose;
    bool debug;
    bool yes;
    bool no_input;
    bool dry_run;
    gint64 timeout_us; /* 0: for ever */
    bool timeout_given;
    gint64 display;    /* as given, maybe below 0 */
    const char *accel; /* NULL when it was not given */
    char *const *env;  /* likewise */
    const char *cwd;   /* likewise */
    bool input;
} CmdGlobal;

extern CmdGlobal command_global;

/**
 * command_main() - Parse, dispatch, run, report
 * @commands: every command, NULL-terminated
 *
 * Return: exit status of the process
 */
int command_main(const Command *const *commands, int argc, char **argv);

/**
 * command_table() - Every command of this program, as given to command_main()
 */
const Command *const *command_table(void);

/**
 * command_find() - Find a command by the words of its name
 * @words:    such as { "snapshot", "create", NULL }; borrowed
 * @out_path: the words joined by blanks, a new string; untouched on failure
 * @error:    UTM_ERROR_USAGE with the nearest name
 */
const Command *command_find(char *const *words, char **out_path,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * command_set_status() - Exit status for a command that succeeded in its own way
 */
void command_set_status(int status);

/**
 * command_set_error_detail() - More members for the error object that --json prints
 * @members: an object, taken; replaces what was set before
 */
void command_set_error_detail(cJSON *members);

/**
 * command_confirm() - Ask before something that destroys data
 * @question: what is about to happen, ending in a question mark
 * @error:    UTM_ERROR_USAGE naming --yes when there is no terminal; UTM_ERROR_INTERRUPTED for "no"
 *
 * True at once with --yes.
 */
bool command_confirm(const char *question, GError **error) G_GNUC_WARN_UNUSED_RESULT;
