/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl completion */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/commands.h"

static struct {
    char *shell;
} opt;

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

static const CmdArg args[] = { { .name = "SHELL",
                                 .kind = ARG_WORD,
                                 .value = &opt.shell,
                                 .choices = shells,
                                 .help = "bash, zsh or fish" },
                               { 0 } };

static const char bash_script[] = "# bash completion of utmctl\n"
                                  "_utmctl() {\n"
                                  "    local word help\n"
                                  "    COMPREPLY=()\n"
                                  "    while IFS=$'\\t' read -r word help; do\n"
                                  "        if [[ $word == :files ]]; then\n"
                                  "            compopt -o default 2>/dev/null\n"
                                  "        else\n"
                                  "            [[ $word != *= ]] || compopt -o nospace "
                                  "2>/dev/null\n"
                                  "            COMPREPLY+=(\"$(printf '%q' \"$word\")\")\n"
                                  "        fi\n"
                                  "    done < <(\"${COMP_WORDS[0]}\" __complete bash -- "
                                  "\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
                                  "}\n"
                                  "complete -F _utmctl utmctl\n";

static const char zsh_script[] = "#compdef utmctl\n"
                                 "_utmctl() {\n"
                                 "    local line word\n"
                                 "    local -a words_found described\n"
                                 "    local files=0\n"
                                 "    for line in \"${(@f)$(\"${words[1]}\" __complete zsh -- "
                                 "\"${(@Q)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
                                 "        [[ -n $line ]] || continue\n"
                                 "        if [[ $line == :files ]]; then\n"
                                 "            files=1\n"
                                 "            continue\n"
                                 "        fi\n"
                                 "        word=${line%%$'\\t'*}\n"
                                 "        words_found+=(\"$word\")\n"
                                 "        described+=(\"$word  ${line#*$'\\t'}\")\n"
                                 "    done\n"
                                 "    if [[ ${words_found[1]} == *= ]]; then\n"
                                 "        compadd -S '' -l -d described -a words_found\n"
                                 "    elif (( ${#words_found} )); then\n"
                                 "        compadd -l -d described -a words_found\n"
                                 "    fi\n"
                                 "    (( files )) && _files\n"
                                 "}\n"
                                 "if [[ $funcstack[1] == _utmctl ]]; then\n"
                                 "    _utmctl \"$@\"\n"
                                 "else\n"
                                 "    compdef _utmctl utmctl\n"
                                 "fi\n";

static const char fish_script[] =
    "# fish completion of utmctl\n"
    "function __utmctl_complete\n"
    "    set -l typed (commandline -opc) (commandline -ct)\n"
    "    for line in (command $typed[1] __complete fish -- $typed[2..-1] 2>/dev/null)\n"
    "        if test \"$line\" = :files\n"
    "            __fish_complete_path (commandline -ct)\n"
    "        else\n"
    "            echo $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c utmctl -f -a '(__utmctl_complete)'\n";

static bool run(GError **error G_GNUC_UNUSED)
{
    const char *const scripts[] = { bash_script, zsh_script, fish_script };
    for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++)
        if (strcmp(opt.shell, shells[i]) == 0)
            fputs(scripts[i], stdout);
    return true;
}

static const char *const examples[] = {
    "source <(utmctl completion bash)",
    "Complete commands, options and the names of machines in this shell",
    NULL,
};

const Command cmd_completion = {
    .name = "completion",
    .group = GROUP_PLUMBING,
    .summary = "Print a script that completes utmctl's words in a shell",
    .args = args,
    .examples = examples,
    .run = run,
};
