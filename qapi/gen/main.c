/* SPDX-License-Identifier: Apache-2.0 */
/* utm-qapi-gen: writes C for a QAPI schema. */
#include <stdio.h>

#include "qapi/gen/emit.h"

typedef struct {
    char *folder;
    char *prefix;
    char *depfile;
} Options;

/* What the files depend on, as make and ninja read it. */
static bool write_depfile(const Options *options, const char *prefix,
                          const Definitions *definitions, GError **error)
{
    if (!options->depfile)
        return true;
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_printf(text, "%s/%s-types.c:", options->folder, prefix);
    for (guint i = 0; i < definitions->files->len; i++)
        g_string_append_printf(text, " %s", (char *) definitions->files->pdata[i]);
    g_string_append_c(text, '\n');
    return g_file_set_contents(options->depfile, text->str, (gssize) text->len, error);
}

static bool generate(const char *path, const Options *options, GError **error)
{
    g_autoptr(Arena) arena = arena_new();
    Schema *schema = schema_load(arena, path, schema_read_file, error);
    Emitter emitter;
    const char *prefix = options->prefix ? options->prefix : "qmp";
    if (!schema || !emitter_init(&emitter, schema, options->folder, prefix, error))
        return false;
    if (g_mkdir_with_parents(options->folder, 0777) < 0) {
        g_set_error(error, GEN_ERROR, GEN_ERROR_FILE, "cannot make folder \"%s\"", options->folder);
        return false;
    }
    return emit_all(&emitter, error) && write_depfile(options, prefix, schema->definitions, error);
}

static void options_clear(Options *options)
{
    g_free(options->folder);
    g_free(options->prefix);
    g_free(options->depfile);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

int main(int argc, char **argv)
{
    g_auto(Options) options = { 0 };
    const GOptionEntry entries[] = {
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.folder, "Write the files there",
          "DIR" },
        { "prefix", 'p', 0, G_OPTION_ARG_STRING, &options.prefix,
          "Begin the names of files, functions and types with this (default: qmp)", "PREFIX" },
        { "depfile", 0, 0, G_OPTION_ARG_FILENAME, &options.depfile,
          "Write which files were read, for make and ninja", "FILE" },
        { 0 },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("SCHEMA.json");
    g_option_context_set_summary(context, "Write C for a QAPI schema.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    bool parsed = g_option_context_parse(context, &argc, &argv, &error);
    if (!parsed || argc != 2 || !options.folder) {
        fprintf(stderr, "utm-qapi-gen: %s\n",
                error ? error->message : "usage: utm-qapi-gen -o DIR [-p PREFIX] SCHEMA.json");
        return 2;
    }
    if (!generate(argv[1], &options, &error)) {
        fprintf(stderr, "utm-qapi-gen: %s\n", error->message);
        return 1;
    }
    return 0;
}
