/* replay: runs a fuzz target over the files and folders named, where there is no libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LONGEST = 1 << 21 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

/* In a piece of its own size, so that a sanitizer sees a read past its end. */
static void run(const uint8_t *from, size_t n)
{
    uint8_t *input = malloc(n + (n == 0));

    if (input == NULL)
        abort();
    memcpy(input, from, n);
    (void)LLVMFuzzerTestOneInput(input, n);
    free(input);
}

static int run_file(const char *path)
{
    static uint8_t whole[LONGEST];
    FILE *in = fopen(path, "rb");
    size_t n;

    if (in == NULL) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    n = fread(whole, 1, sizeof(whole), in);
    (void)fclose(in);
    for (size_t cut = n; cut > 0 && cut + 16 > n; cut--) /* and with its end cut off */
        run(whole, cut);
    run(whole, 0);
    return 1;
}

static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int n = 0;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char name[4096];

        if (entry->d_name[0] == '.' ||
            snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >= (int)sizeof(name))
            continue;
        n += run_file(name);
    }
    if (folder != NULL)
        (void)closedir(folder);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;

    for (int i = 1; i < argc; i++) {
        struct stat about;

        if (stat(argv[i], &about) == 0 && S_ISDIR(about.st_mode))
            n += run_folder(argv[i]);
        else
            n += run_file(argv[i]);
    }
    (void)printf("%d inputs replayed\n", n);
    return n == 0; /* an empty corpus proves nothing */
}
