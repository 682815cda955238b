/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the emulators that are installed understand what this program says to them. */
#include "core/error.h"
#include "core/host/doctor-private.h"
#include "core/host/host.h"
#include "core/host/qemu-probe.h"
#include "qapi/conformance.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/generated/qmp-schema.h"

/* NULL for an emulator that cannot be asked; the check of its capabilities has said why. */
static GPtrArray *compare(const char *binary)
{
    g_autoptr(QemuProbe) probe = qemu_probe_start(binary, NULL);
    g_autoptr(QmpSchemaInfoList) live = NULL;

    if (!probe || !qmp_query_qmp_schema(qemu_probe_client(probe), &live, NULL))
        return NULL;
    return conformance_compare(&qmp_schema, live);
}

/* A line for each difference that matters. Return: whether there is none */
static bool add_differences(GPtrArray *checks, const char *name, const GPtrArray *differences)
{
    bool fits = true;

    for (guint i = 0; i < differences->len; i++) {
        const Difference *difference = differences->pdata[i];
        if (!difference->matters)
            continue;
        fits = false;
        doctor_add(checks, CHECK_WARN, "qmp", NULL, "%s: %s %s", name, difference->where,
                   difference->what);
    }
    return fits;
}

void doctor_add_schemas(GPtrArray *checks, const char *const *architectures)
{
    g_autoptr(GString) fitting = g_string_new(NULL);

    for (const char *const *arch = architectures; *arch; arch++) {
        g_autofree char *binary = host_find_qemu(*arch, NULL);
        g_autofree char *name = g_strconcat("qemu-system-", *arch, NULL);
        g_autoptr(GPtrArray) differences = binary ? compare(binary) : NULL;
        if (differences && add_differences(checks, name, differences))
            g_string_append_printf(fitting, "%s%s", fitting->len ? " " : "", *arch);
    }
    if (fitting->len)
        doctor_add(checks, CHECK_OK, "qmp", NULL, "understood by the emulators of: %s",
                   fitting->str);
}
