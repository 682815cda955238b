/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl-display: shows the screen of a machine, or of any SPICE server, in windows. */
#include <locale.h>
#include <SDL.h>

#include "display/failure.h"
#include "display/options.h"
#include "display/viewer.h"

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Options options;
    const char *hint = NULL;
    setlocale(LC_ALL, "");
    g_log_writer_default_set_use_stderr(TRUE);
    bool done = options_parse(&options, argc, argv, &error) && viewer_run(&options, &hint, &error);
    int status = done ? 0 : failure_print(error, options.title, hint, options.json);
    options_clear(&options);
    return status;
}
