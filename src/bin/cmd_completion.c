/* coffer completion: what a shell needs to finish the words of a command, made of the same rows as
 * --help. */
#include "bin/commands.h"
#include "bin/options.h"

#include <stdio.h>
#include <string.h>

static const struct option_row rows[] = {{0}};
static const char *const shells[] = {"bash", "zsh", NULL};

static void put_names(void)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        printf("%s%s", i == 0 ? "" : " ", commands[i]->name);
}

static void put_options(const struct command *command)
{
    for (const struct option_row *row = command->rows; row != NULL && row->name != NULL; row++)
        printf("--%s ", row->name);
    printf("--help");
}

static void put_verbs(const struct command *command)
{
    for (size_t i = 0; command->verbs != NULL && command->verbs[i] != NULL; i++)
        printf("%s%s", i == 0 ? "" : " ", command->verbs[i]);
}

/* Whose value is a file: the shell finds it. */
static bool is_file(const struct option_row *row)
{
    return row->value != NULL &&
           (strcmp(row->value, "FILE") == 0 || strcmp(row->value, "DIR") == 0);
}

static void bash_command(const struct command *command)
{
    printf("    %s)\n        options='", command->name);
    put_options(command);
    printf("' words='");
    put_verbs(command);
    printf("' values='");
    for (const struct option_row *row = command->rows; row != NULL && row->name != NULL; row++)
        if (row->value != NULL && !is_file(row))
            printf("--%s ", row->name);
    printf("' files='");
    for (const struct option_row *row = command->rows; row != NULL && row->name != NULL; row++)
        if (is_file(row))
            printf("--%s ", row->name);
    printf("'\n        ;;\n");
}

static void bash(void)
{
    printf("# bash completion for coffer; made by: coffer completion bash\n"
           "_coffer() {\n"
           "    local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local options='' words='' values='' files=''\n"
           "    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W '");
    put_names();
    printf("' -- \"$now\")\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        bash_command(commands[i]);
    printf("    *) return ;;\n"
           "    esac\n"
           "    if [ \"$before\" = --output ]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W 'table json text' -- \"$now\")\n"
           "    elif [[ \" $files\" == *\" $before \"* ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -f -- \"$now\")\n"
           "    elif [[ \" $values\" == *\" $before \"* ]]; then\n"
           "        return\n"
           "    elif [[ $now == -* ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$now\")\n"
           "    elif [ \"$COMP_CWORD\" -eq 2 ]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$now\")\n"
           "    fi\n"
           "}\n"
           "complete -F _coffer coffer\n");
}

/* In single quotes for zsh, which in these lists also takes ':' and '[' for itself. */
static void put_zsh(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            printf("'\\''");
        else if (strchr("[]:\\", *text) != NULL)
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void zsh_row(const struct option_row *row)
{
    printf("            '*--%s[", row->name);
    put_zsh(row->help);
    printf("]");
    if (row->value != NULL) {
        printf(":%s:", row->value);
        if (strcmp(row->name, "output") == 0)
            printf("(table json text)");
        else if (is_file(row))
            printf("_files");
    }
    printf("' \\\n");
}

static void zsh_command(const struct command *command)
{
    printf("    %s)\n        _arguments \\\n", command->name);
    for (const struct option_row *row = command->rows; row != NULL && row->name != NULL; row++)
        zsh_row(row);
    printf("            '--help[this text]'");
    if (command->verbs != NULL) {
        printf(" \\\n            '1:verb:(");
        put_verbs(command);
        printf(")'");
    }
    printf("\n        ;;\n");
}

static void zsh(void)
{
    printf("#compdef coffer\n# zsh completion for coffer; made by: coffer completion zsh\n"
           "_coffer() {\n"
           "    local -a names\n"
           "    names=(\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        printf("        '%s:", commands[i]->name);
        put_zsh(commands[i]->help);
        printf("'\n");
    }
    printf("    )\n"
           "    if (( CURRENT == 2 )); then\n"
           "        _describe command names\n"
           "        return\n"
           "    fi\n"
           "    local name=$words[2]\n"
           "    shift words\n"
           "    (( CURRENT-- ))\n"
           "    case $name in\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        zsh_command(commands[i]);
    printf("    esac\n"
           "}\n"
           "if [ \"$funcstack[1]\" = _coffer ]; then\n"
           "    _coffer \"$@\"\n"
           "else\n"
           "    compdef _coffer coffer\n"
           "fi\n");
}

static int completion_main(int argc, char **argv)
{
    struct options options;

    if (!options_read(&options, "completion", rows, argc, argv))
        return EXIT_USAGE;
    if (options.help) {
        printf("usage: coffer completion bash|zsh\n\n"
               "bash:  source <(coffer completion bash)\n"
               "zsh:   coffer completion zsh > a folder of $fpath/_coffer\n");
        return EXIT_FINE;
    }
    if (options.word_count == 1 && strcmp(options.words[0], shells[0]) == 0) {
        bash();
    } else if (options.word_count == 1 && strcmp(options.words[0], shells[1]) == 0) {
        zsh();
    } else {
        fprintf(stderr, "coffer completion: it is: coffer completion bash, or coffer completion "
                        "zsh\n");
        return EXIT_USAGE;
    }
    return EXIT_FINE;
}

const struct command command_completion = {
    .name = "completion",
    .help = "what bash or zsh need to finish the words of a command",
    .rows = rows,
    .verbs = shells,
    .take = completion_main,
};
