/* A PKCS#11 module that takes its time. It passes every call on to the module named by SLOW_MODULE, and first lets
   the caller wait: SLOW_CALL_MS where a module looks at its readers or goes to its card, SLOW_SIGNATURE_MS more where
   it signs. Attributes of what was found come at once: modules keep what they have read.

   Functions of the standard take integers and pointers only, six at most among those a kiosk calls: one signature
   fits them all in the calling conventions of x86-64 and AArch64. */

#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef unsigned long word;
typedef word (*function)(word, word, word, word, word, word);
struct function_list { unsigned char version[2]; function at[68]; };

/* Positions in CK_FUNCTION_LIST (PKCS#11 v2.20 §9.6). */
enum { GET_FUNCTION_LIST = 3, GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, OPEN_SESSION = 12, LOGIN = 18,
       FIND_OBJECTS_INIT = 26, SIGN = 43 };

static struct function_list *module, own;

static void nap(const char *variable) {
  const char *text = getenv(variable);
  long ms = text ? atol(text) : 0;
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static void wait_for(int position, word fourth) {
  switch (position) {
  case GET_SLOT_LIST: case GET_TOKEN_INFO: case OPEN_SESSION: case LOGIN:
  case FIND_OBJECTS_INIT:
    nap("SLOW_CALL_MS");
    break;
  case SIGN:
    if (!fourth) break; /* only the length was asked for */
    nap("SLOW_CALL_MS");
    nap("SLOW_SIGNATURE_MS");
  }
}

#define SLOW(n) static word slow_##n(word a, word b, word c, word d, word e, word f) { \
    wait_for(n, d); return module->at[n](a, b, c, d, e, f); }
SLOW(4) SLOW(6) SLOW(12) SLOW(18) SLOW(26) SLOW(43)

word C_GetFunctionList(struct function_list **list) {
  const char *path = getenv("SLOW_MODULE");
  void *library = path ? dlopen(path, RTLD_NOW) : NULL;
  word (*get)(struct function_list **) = library ? (word (*)(struct function_list **))dlsym(library, "C_GetFunctionList") : NULL;
  if (!get || get(&module)) return 6; /* CKR_FUNCTION_FAILED */
  own = *module;
  own.at[GET_FUNCTION_LIST] = (function)C_GetFunctionList;
  own.at[GET_SLOT_LIST] = slow_4;
  own.at[GET_TOKEN_INFO] = slow_6;
  own.at[OPEN_SESSION] = slow_12;
  own.at[LOGIN] = slow_18;
  own.at[FIND_OBJECTS_INIT] = slow_26;
  own.at[SIGN] = slow_43;
  *list = &own;
  return 0;
}
