/* A STUB, for tests only: not the « API de lecture Vitale » of the GIE SESAM-Vitale, and nothing copied from it.
 *
 * It has the same three functions, and does what the environment says:
 *   STUB_DOCUMENT  file with the XML to answer
 *   STUB_DO        what to do, words separated by spaces:
 *                    init=HEX read=HEX   return 1 with that error code
 *                    state=N             say that of the card
 *                    bare                return 9 and no error code
 *                    greedy              ask for a larger buffer, always
 *                    noise               print on both standard outputs
 *                    hang hang-at-end    never return
 *                    crash crash-at-end  die of a bad pointer
 *   STUB_TRACE     file to append what was called to, one line each
 *   STUB_ALIVE     FIFO to write one byte to once hung: whoever reads it sees that, then the end of this process
 *   STUB_ALONE     file that exists between Hn_Init and Hn_Finir; Hn_Init fails with BEEF when it does already
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int told(const char *word) {
    const char *all = getenv("STUB_DO");
    size_t size = strlen(word);
    for (const char *at = all; at && (at = strstr(at, word)); at += size)
        if ((at == all || at[-1] == ' ') && (at[size] == ' ' || !at[size])) return 1;
    return 0;
}

static long number(const char *key, int base, long otherwise) {
    const char *all = getenv("STUB_DO"), *at = all ? strstr(all, key) : NULL;
    return at ? strtol(at + strlen(key), NULL, base) : otherwise;
}

static void trace(const char *what, const char *text, long a, long b) {
    const char *path = getenv("STUB_TRACE");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    fprintf(file, "%s %s %ld %ld\n", what, text, a, b);
    fclose(file);
}

static void misbehave(const char *hang, const char *crash) {
    if (told(crash)) {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    }
    if (told(hang)) {
        const char *path = getenv("STUB_ALIVE");
        int alive = path ? open(path, O_WRONLY) : -1;
        if (alive >= 0 && write(alive, "!", 1) == 1)
            for (;;) pause();
    }
}

#ifndef WITHOUT_INIT
unsigned short Hn_Init(unsigned char *path, unsigned short *mode, unsigned short *error) {
    const char *alone = getenv("STUB_ALONE");
    trace("init", (const char *)path, 0, 0);
    *mode = 1;
    *error = (unsigned short)number("init=", 16, 0);
    if (alone) {
        int file = open(alone, O_CREAT | O_EXCL | O_WRONLY, 0600);
        if (file < 0) *error = 0xBEEF;
        else close(file);
    }
    return *error != 0;
}
#endif

unsigned short Hn_LectureVitaleDonneesIdentification(short wait, char *out, unsigned int *length, short *state,
                                                     unsigned short *error) {
    unsigned int room = *length, size = 0;
    const char *path = getenv("STUB_DOCUMENT");
    FILE *file = path ? fopen(path, "rb") : NULL;
    trace("read", "-", wait, room);
    misbehave("hang", "crash");
    if (told("noise")) {
        puts("{\"step\": \"noise\"}");
        fputs("noise", stderr);
        fflush(stdout);
    }
    *state = (short)number("state=", 10, 0);
    *error = (unsigned short)number("read=", 16, 0);
    if (told("bare")) return 9;
    if (*error) return 1;
    if (told("greedy")) {
        *length = room * 2;
        return 1;
    }
    if (file) {
        fseek(file, 0, SEEK_END);
        size = (unsigned int)ftell(file);
        rewind(file);
    }
    *length = size;
    if (size > room) return 1;
    if (file) {
        *length = (unsigned int)fread(out, 1, size, file);
        fclose(file);
    }
    return 0;
}

unsigned short Hn_Finir(unsigned short *error) {
    const char *alone = getenv("STUB_ALONE");
    *error = 0;
    if (alone) unlink(alone);
    trace("end", "-", 0, 0);
    misbehave("hang-at-end", "crash-at-end");
    return 0;
}
