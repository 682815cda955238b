/* SPDX-License-Identifier: Apache-2.0 */
/* Sound: where it goes to, and the cards. */
#include <string.h>

#include "core/argv/argv-build.h"

static bool is_on_board(const char *hardware)
{
    return g_str_equal(hardware, "pcspk") || g_str_equal(hardware, "screamer") ||
           g_str_equal(hardware, "asc");
}

/* The machine's own card plays to the first -audio. QEMU on Linux has no screamer to play to it,
 * and takes no "-audio none". */
static void add_board_audio(ArgvBuild *b)
{
    bool screamer = argv_has_card(b, "screamer");
    if (b->on_linux && screamer)
        argv_warn(b, "Sound: the card \"screamer\" is in UTM's QEMU only: no sound");
    if (b->on_linux)
        return;
    if (b->config->sounds->len == 0)
        argv_add(b, "Sound", "no sound card", "-audio", "none");
    else if (screamer)
        argv_add(b, "Sound", "screamer is on the board of this machine", "-audio", "%s",
                 b->host->sound_backend);
}

static void add_backends(ArgvBuild *b)
{
    bool speaker = b->on_linux ? b->pc && argv_has_card(b, "pcspk") : b->coreaudio;
    if (speaker)
        argv_add(b, "Sound", "the PC speaker does not play over SPICE", "-audiodev", "%s,id=audio1",
                 b->host->sound_backend ?: "none");
    if (b->spice && (!b->on_linux || host_has_feature(b->host, "audiodev-spice"))) {
        argv_add(b, "Sound", "sound goes to who looks at the display", "-audiodev",
                 "spice,id=audio0");
        return;
    }
    if (b->config->sounds->len > 0)
        argv_warn(b, "this QEMU has no sound over SPICE: no sound");
    argv_add(b, "Sound", "Linux: this QEMU has no sound over SPICE", "-audiodev", "none,id=audio0");
}

bool argv_sound(ArgvBuild *b, GError **error)
{
    const GPtrArray *sounds = b->config->sounds;
    add_board_audio(b);
    add_backends(b);
    for (unsigned i = 0; i < sounds->len; i++) {
        const ConfigSound *card = g_ptr_array_index(sounds, i);
        g_autofree char *key = argv_key("Sound", i, "Hardware");
        if (is_on_board(card->hardware) || argv_leave_out(b, key, card->hardware))
            continue;
        g_autofree char *name = argv_device_name(card->hardware);
        if (b->on_linux && g_str_has_prefix(name, "virtio-sound") && !argv_has_device(b, name)) {
            argv_warn(b, "%s: \"%s\" is left out, it needs QEMU 9.2", key, name);
            continue;
        }
        if (!argv_check_device(b, key, card->hardware, error))
            return false;
        if (strstr(card->hardware, "hda")) {
            argv_add(b, key, "an HDA controller", "-device", "%s", card->hardware);
            argv_add(b, key, "HDA: a codec on the newest controller", "-device",
                     "hda-duplex,audiodev=audio0");
        } else {
            argv_add(b, key, "a sound card", "-device", "%s,audiodev=audio0", card->hardware);
        }
    }
    return true;
}
