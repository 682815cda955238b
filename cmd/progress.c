/* SPDX-License-Identifier: Apache-2.0 */
/* What a long operation reports, as callbacks for core: how far it is, and what it says. */
#include "cmd/progress.h"

#include <glib.h>

#include "cmd/interrupt.h"
#include "cmd/output.h"

bool progress_step(uint64_t done, uint64_t all, void *what)
{
    if (done || all)
        output_progress(what, done, all);
    return interrupt_number() == 0;
}

void progress_note(const char *text, void *user G_GNUC_UNUSED)
{
    g_autofree char *safe = output_escape(text);
    output_note("%s", safe);
}
