/* A reader driver for pcscd that puts what a cable and a pad can do on top of vsmartcard's virtual reader.

   vsmartcard's driver has neither a plug to pull nor a keypad. This one loads a copy of it (VPCD), passes everything
   on for its one slot, and notices cards every 20 ms, as USB readers do, where pcscd alone would look every 400 ms.
   It looks at files in the daemon's socket directory, named after the port it was given:
     PORT.unplugged   the reader is not there: no card, every command ends as on a pulled USB cable
     PORT.serves      commands still to be served, in decimal; the one after the last finds the reader unplugged
     PORT.pad         the reader has a keypad (PC/SC part 10), and this is what its user does: digits, then the green
                      key; or `cancel`, `nothing` (the time runs out), `short` (fewer digits than asked)
     PORT.asked       written by the driver: the last structure the pad was given                            */

#define _GNU_SOURCE
#include <PCSC/ifdhandler.h>
#include <PCSC/reader.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GET_FEATURES = 0x42000D48, VERIFY_DIRECT = 0x42330006 };

static void *vpcd;
static char port[16];

static void *real(const char *name) {
  if (!vpcd) vpcd = dlopen(VPCD, RTLD_NOW | RTLD_LOCAL);
  return vpcd ? dlsym(vpcd, name) : NULL;
}

static FILE *file(const char *what, const char *mode) {
  char path[64];
  snprintf(path, sizeof path, "/run/pcscd/%s.%s", port, what);
  return fopen(path, mode);
}

static int there(const char *what) {
  FILE *found = file(what, "r");
  if (found) fclose(found);
  return found != NULL;
}

/* Serve one more command, or find the cable pulled. */
static int unplugged(void) {
  FILE *budget = file("serves", "r+");
  if (budget) {
    int left = 0;
    if (fscanf(budget, "%d", &left) == 1 && left > 0) {
      rewind(budget);
      fprintf(budget, "%-8d", left - 1);
    } else {
      FILE *gone = file("unplugged", "w");
      if (gone) fclose(gone);
    }
    fclose(budget);
  }
  return there("unplugged");
}

static RESPONSECODE opened(DWORD lun, const char *name) {
  const char *number = strrchr(name, ':');
  RESPONSECODE (*create)(DWORD, LPSTR) = (RESPONSECODE(*)(DWORD, LPSTR))real("IFDHCreateChannelByName");
  snprintf(port, sizeof port, "%s", number ? number + 1 : "");
  if (!create || there("unplugged")) return IFD_NO_SUCH_DEVICE;
  return create(lun, (LPSTR)name);
}

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name) { return opened(lun, name); }

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel) {
  char name[32];
  snprintf(name, sizeof name, "/dev/null:%lu", (unsigned long)channel);
  return opened(lun, name);
}

RESPONSECODE IFDHCloseChannel(DWORD lun) {
  RESPONSECODE (*close_channel)(DWORD) = (RESPONSECODE(*)(DWORD))real("IFDHCloseChannel");
  return close_channel(lun);
}

/* pcscd calls this between two looks at the card. */
static RESPONSECODE look_again(DWORD lun, int timeout_ms) {
  (void)lun, (void)timeout_ms;
  usleep(20000);
  return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value) {
  RESPONSECODE (*get)(DWORD, DWORD, PDWORD, PUCHAR) =
      (RESPONSECODE(*)(DWORD, DWORD, PDWORD, PUCHAR))real("IFDHGetCapabilities");
  if (tag == TAG_IFD_POLLING_THREAD_WITH_TIMEOUT) {
    RESPONSECODE (*function)(DWORD, int) = look_again;
    if (*length < sizeof function) return IFD_ERROR_INSUFFICIENT_BUFFER;
    *length = sizeof function;
    memcpy(value, &function, sizeof function);
    return IFD_SUCCESS;
  }
  if (tag == TAG_IFD_SLOTS_NUMBER) {
    if (*length < 1) return IFD_ERROR_INSUFFICIENT_BUFFER;
    *length = 1;
    *value = 1;
    return IFD_SUCCESS;
  }
  return get(lun, tag, length, value);
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value) {
  (void)lun, (void)tag, (void)length, (void)value;
  return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR a, UCHAR b, UCHAR c) {
  RESPONSECODE (*set)(DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR) =
      (RESPONSECODE(*)(DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR))real("IFDHSetProtocolParameters");
  return set(lun, protocol, flags, a, b, c);
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD length) {
  RESPONSECODE (*power)(DWORD, DWORD, PUCHAR, PDWORD) =
      (RESPONSECODE(*)(DWORD, DWORD, PUCHAR, PDWORD))real("IFDHPowerICC");
  return there("unplugged") ? IFD_NO_SUCH_DEVICE : power(lun, action, atr, length);
}

RESPONSECODE IFDHICCPresence(DWORD lun) {
  RESPONSECODE (*presence)(DWORD) = (RESPONSECODE(*)(DWORD))real("IFDHICCPresence");
  return there("unplugged") ? IFD_NO_SUCH_DEVICE : presence(lun);
}

static RESPONSECODE passed_on(DWORD lun, PUCHAR apdu, DWORD length, PUCHAR answer, PDWORD received) {
  RESPONSECODE (*transmit)(DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD, PSCARD_IO_HEADER) =
      (RESPONSECODE(*)(DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD, PSCARD_IO_HEADER))real(
          "IFDHTransmitToICC");
  SCARD_IO_HEADER header = {0, sizeof header};
  return transmit(lun, header, apdu, length, answer, received, &header);
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER sent, PUCHAR apdu, DWORD length, PUCHAR answer,
                               PDWORD received, PSCARD_IO_HEADER header) {
  (void)sent, (void)header;
  if (unplugged()) {
    *received = 0;
    return IFD_NO_SUCH_DEVICE;
  }
  return passed_on(lun, apdu, length, answer, received);
}

static RESPONSECODE status_word(unsigned word, PUCHAR answer, LPDWORD received) {
  answer[0] = (UCHAR)(word >> 8);
  answer[1] = (UCHAR)word;
  *received = 2;
  return IFD_SUCCESS;
}

/* CCID 1.1, 6.1.11: the digits go into the command as the structure says, then the card has the last word. */
static RESPONSECODE keyed_in(DWORD lun, PUCHAR sent, DWORD length, PUCHAR answer, DWORD room, LPDWORD received) {
  const PIN_VERIFY_STRUCTURE *asked = (const PIN_VERIFY_STRUCTURE *)sent;
  char digits[32] = "";
  UCHAR apdu[64];
  FILE *record = file("asked", "w"), *user = file("pad", "r");
  if (record) {
    fwrite(sent, 1, length, record);
    fclose(record);
  }
  if (user) {
    if (!fgets(digits, sizeof digits, user)) digits[0] = 0;
    fclose(user);
  }
  if (length < sizeof *asked || asked->ulDataLength != length - sizeof *asked ||
      asked->ulDataLength > sizeof apdu || asked->ulDataLength < 5)
    return status_word(0x6B80, answer, received);
  if (!strcmp(digits, "cancel")) return status_word(0x6401, answer, received);
  if (!strcmp(digits, "nothing")) return status_word(0x6400, answer, received);
  if (!strcmp(digits, "short")) return status_word(0x6403, answer, received);
  size_t typed = strlen(digits), place = 5 + ((asked->bmFormatString >> 3) & 0x0F);
  size_t block = asked->bmPINBlockString & 0x0F;
  int ascii_left_in_bytes = (asked->bmFormatString & 0x87) == 0x82;
  if (typed < asked->wPINMaxExtraDigit >> 8 || typed > (asked->wPINMaxExtraDigit & 0xFF))
    return status_word(0x6403, answer, received);
  if (!ascii_left_in_bytes || !(asked->bEntryValidationCondition & 2) || asked->bmPINBlockString >> 4 ||
      typed > block || place + block > asked->ulDataLength)
    return status_word(0x6B80, answer, received);
  memcpy(apdu, asked->abData, asked->ulDataLength);
  memcpy(apdu + place, digits, typed);
  *received = room;
  return passed_on(lun, apdu, asked->ulDataLength, answer, received);
}

RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR sent, DWORD length, PUCHAR answer, DWORD room,
                         LPDWORD received) {
  static const UCHAR features[] = {FEATURE_VERIFY_PIN_DIRECT, 4, 0x42, 0x33, 0x00, 0x06};
  *received = 0;
  if (unplugged()) return IFD_NO_SUCH_DEVICE;
  if (!there("pad")) return IFD_ERROR_NOT_SUPPORTED;
  if (code == GET_FEATURES && room >= sizeof features) {
    memcpy(answer, features, sizeof features);
    *received = sizeof features;
    return IFD_SUCCESS;
  }
  if (code == VERIFY_DIRECT && room >= 2) return keyed_in(lun, sent, length, answer, room, received);
  return IFD_ERROR_NOT_SUPPORTED;
}
