#include "engine/store/page_checksums.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/assert.hpp"
#include "engine/store/find_vfs.hpp"
#include "engine/store/migrate.hpp"

namespace landfall::store {
namespace {

using Page = std::span<const std::uint8_t>;
using Checksum = std::array<std::uint8_t, kPageChecksumBytes>;

constexpr sqlite3_int64 kHeaderBytes = 100;
constexpr std::string_view kMagic{"SQLite format 3", 16};
constexpr std::size_t kReservedAt = 20;     // in the header: bytes at the end of each page
constexpr std::size_t kApplicationAt = 68;  // in the header: whose file this is
constexpr int kPageBytesMin = 512;
// A page of zeros, as a file system leaves behind for what it lost, is no page of ours.
constexpr std::uint32_t kSeed = 0x4c46'5043;
constexpr int kPageBytesMax = 65'536;
// SQLite locks bytes here and never stores anything beside them.
constexpr sqlite3_int64 kLockedAt = 0x40000000;

std::uint32_t word_at(Page page, std::size_t at) {
  return std::uint32_t{page[at]} | std::uint32_t{page[at + 1]} << 8U |
         std::uint32_t{page[at + 2]} << 16U | std::uint32_t{page[at + 3]} << 24U;
}

// Its place in the file, from 1. Zero in the sums of files from before places were part of them.
using PageNumber = std::uint32_t;
constexpr PageNumber kNoPlace = 0;
// An odd number far from small ones, so that no two places nearby are a few bits apart.
constexpr std::uint32_t kPlaceFactor = 0x9e37'79b1;

PageNumber number_of(int page_bytes, sqlite3_int64 offset) {
  return static_cast<PageNumber>(offset / page_bytes) + 1;
}

// The sums of SQLite's own log: each word goes into both, so that a change, a shift or a swap
// shows. A page that was written to another place shows as well.
Checksum checksum_of(Page page, PageNumber number) {
  std::uint32_t first = kSeed + number * kPlaceFactor;
  std::uint32_t second = 0;
  for (std::size_t at = 0; at + 8 <= page.size(); at += 8) {
    first += word_at(page, at) + second;
    second += word_at(page, at + 4) + first;
  }
  Checksum sum{};
  for (std::size_t i = 0; i < 4; ++i) {
    sum[i] = static_cast<std::uint8_t>(first >> (8 * i));
    sum[4 + i] = static_cast<std::uint8_t>(second >> (8 * i));
  }
  return sum;
}

Page content_of(Page page) { return page.first(page.size() - kPageChecksumBytes); }

bool is_whole(Page page, PageNumber number) {
  const auto fits = [&](PageNumber place) {
    const Checksum sum = checksum_of(content_of(page), place);
    return std::equal(sum.begin(), sum.end(), page.last(kPageChecksumBytes).begin());
  };
  return fits(number) || fits(kNoPlace);
}

// Whether these bytes are one page of a database.
bool is_page(int bytes, sqlite3_int64 offset) {
  const bool is_size =
      bytes >= kPageBytesMin && bytes <= kPageBytesMax && (bytes & (bytes - 1)) == 0;
  return is_size && offset % bytes == 0 && !(kLockedAt >= offset && kLockedAt < offset + bytes);
}

// Big-endian, as everything in SQLite's header.
std::size_t page_bytes_said_by(Page header) {
  const std::size_t bytes = std::size_t{header[16]} << 8U | header[17];
  return bytes == 1 ? std::size_t{kPageBytesMax} : bytes;
}

sqlite3_int64 bytes_said_by(Page header) {
  sqlite3_int64 pages = 0;
  for (std::size_t at = 28; at < 32; ++at) pages = pages << 8U | header[at];
  return static_cast<sqlite3_int64>(page_bytes_said_by(header)) * pages;
}

std::uint32_t mark_in(Page header) {
  std::uint32_t mark = 0;
  for (std::size_t at = kApplicationAt; at < kApplicationAt + 4; ++at)
    mark = mark << 8U | header[at];
  return mark;
}

bool has_room_for_checksums(Page header) { return header[kReservedAt] == kPageChecksumBytes; }

// A file that is ours by its mark has checksums; one that is just being made says so by what it
// reserves. One flipped bit changes only one of the two.
bool must_have_checksums(Page header) {
  return has_room_for_checksums(header) ||
         mark_in(header) == static_cast<std::uint32_t>(kApplicationId);
}

// As many of the first pages as tell apart a file that has none from one whose header is damaged.
constexpr sqlite3_int64 kPagesLookedAt = 32;

// Whether a file that reserves nothing was written so. Where that one byte is damaged, a checksum
// that fits says that there were some.
bool was_written_without(sqlite3_file* file) {
  std::vector<std::uint8_t> page(kHeaderBytes);
  const auto read = [&](sqlite3_int64 offset) {
    return file->pMethods->xRead(file, page.data(), static_cast<int>(page.size()), offset) ==
           SQLITE_OK;
  };
  if (!read(0) || !std::equal(kMagic.begin(), kMagic.end(), page.begin())) return false;
  const std::uint32_t mark = mark_in(page);
  // No mark yet: it may stand in the log alone.
  const bool may_be_ours = mark == 0 || mark == static_cast<std::uint32_t>(kApplicationId);
  const std::size_t page_bytes = page_bytes_said_by(page);
  if (page[kReservedAt] != 0 || !may_be_ours || !is_page(static_cast<int>(page_bytes), 0))
    return false;
  page.resize(page_bytes);
  for (sqlite3_int64 number = 0; number < kPagesLookedAt; ++number) {
    if (!read(number * static_cast<sqlite3_int64>(page_bytes))) return number > 0;
    if (number == 0) page[kReservedAt] = kPageChecksumBytes;
    if (is_whole(page, static_cast<PageNumber>(number) + 1)) return false;
  }
  return true;
}

}  // namespace

// What SQLite calls an open file: memory of SQLite's. Behind it lies the file of the base.
struct PageChecksums::File {
  sqlite3_file base;
  const PageChecksums* owner;
  bool checked;
  sqlite3_int64 bytes_said;         // by the header
  std::vector<std::uint8_t>* page;  // a copy of what is written, with its checksum

  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static sqlite3_file* inner(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(&of(file) + 1);
  }
  static const sqlite3_io_methods& methods(sqlite3_file* file) { return *inner(file)->pMethods; }
};

struct PageChecksums::Methods {
  static PageChecksums& owner(sqlite3_vfs* vfs) {
    return *static_cast<PageChecksums*>(vfs->pAppData);
  }
  static sqlite3_vfs* base(sqlite3_vfs* vfs) { return owner(vfs).base_; }

  static int close(sqlite3_file* file) {
    const int code = File::methods(file).xClose(File::inner(file));
    delete File::of(file).page;
    file->pMethods = nullptr;
    return code;
  }

  static int read(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
    const int code = File::methods(file).xRead(File::inner(file), into, size, offset);
    File& self = File::of(file);
    // SQLite takes a page that the file ends in for one of zeros.
    if (code == SQLITE_IOERR_SHORT_READ && self.checked && is_page(size, offset))
      return SQLITE_IOERR_DATA;
    if (code != SQLITE_OK) return code;
    const Page bytes(static_cast<const std::uint8_t*>(into), static_cast<std::size_t>(size));
    if (offset == 0 && size >= kHeaderBytes) {
      self.checked = must_have_checksums(bytes);
      self.bytes_said = bytes_said_by(bytes);
    }
    if (!self.checked || !is_page(size, offset)) return SQLITE_OK;
    if (offset == 0 && self.owner->verify_ == Verify::all_but_the_first) return SQLITE_OK;
    return is_whole(bytes, number_of(size, offset)) ? SQLITE_OK : SQLITE_IOERR_DATA;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    File& self = File::of(file);
    const Page bytes(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
    // Never over what a page without room for it holds.
    if (offset == 0 && size >= kHeaderBytes) self.checked = has_room_for_checksums(bytes);
    if (self.checked && is_page(size, offset)) {
      const Page content = content_of(bytes);
      const Checksum sum = checksum_of(content, number_of(size, offset));
      self.page->assign(content.begin(), content.end());
      self.page->insert(self.page->end(), sum.begin(), sum.end());
      data = self.page->data();
    }
    return File::methods(file).xWrite(File::inner(file), data, size, offset);
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return File::methods(file).xTruncate(File::inner(file), size);
  }
  static int sync(sqlite3_file* file, int flags) {
    return File::methods(file).xSync(File::inner(file), flags);
  }
  static int size(sqlite3_file* file, sqlite3_int64* size) {
    const int code = File::methods(file).xFileSize(File::inner(file), size);
    const File& self = File::of(file);
    if (code == SQLITE_OK && self.owner->verify_ == Verify::all_but_the_first)
      *size = std::max(*size, self.bytes_said);
    return code;
  }
  static int lock(sqlite3_file* file, int level) {
    return File::methods(file).xLock(File::inner(file), level);
  }
  static int unlock(sqlite3_file* file, int level) {
    return File::methods(file).xUnlock(File::inner(file), level);
  }
  static int check_reserved(sqlite3_file* file, int* out) {
    return File::methods(file).xCheckReservedLock(File::inner(file), out);
  }
  static int control(sqlite3_file* file, int what, void* with) {
    return File::methods(file).xFileControl(File::inner(file), what, with);
  }
  static int sector_size(sqlite3_file* file) {
    return File::methods(file).xSectorSize(File::inner(file));
  }
  static int characteristics(sqlite3_file* file) {
    return File::methods(file).xDeviceCharacteristics(File::inner(file));
  }
  static int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return File::methods(file).xShmMap(File::inner(file), page, size, extend, out);
  }
  static int shm_lock(sqlite3_file* file, int slot, int count, int flags) {
    return File::methods(file).xShmLock(File::inner(file), slot, count, flags);
  }
  static void shm_barrier(sqlite3_file* file) {
    File::methods(file).xShmBarrier(File::inner(file));
  }
  static int shm_unmap(sqlite3_file* file, int remove) {
    return File::methods(file).xShmUnmap(File::inner(file), remove);
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    sqlite3_vfs* const under = base(vfs);
    // Other files are opened as the base would: what is behind our own part stays unused.
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return under->xOpen(under, name, file, flags, out);
    static const sqlite3_io_methods methods = io_methods();
    File& self = File::of(file);
    self = File{{nullptr}, &owner(vfs), false, 0, nullptr};
    const int code = under->xOpen(under, name, File::inner(file), flags, out);
    if (File::inner(file)->pMethods == nullptr) return code;
    LANDFALL_ASSERT(File::inner(file)->pMethods->iVersion >= 2);
    self.page = new std::vector<std::uint8_t>();
    self.base.pMethods = &methods;
    return code;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync) {
    return base(vfs)->xDelete(base(vfs), name, sync);
  }
  static int access(sqlite3_vfs* vfs, const char* name, int what, int* answer) {
    return base(vfs)->xAccess(base(vfs), name, what, answer);
  }
  static int full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
    return base(vfs)->xFullPathname(base(vfs), name, size, out);
  }
  static int randomness(sqlite3_vfs* vfs, int size, char* out) {
    return base(vfs)->xRandomness(base(vfs), size, out);
  }
  static int sleep(sqlite3_vfs* vfs, int us) { return base(vfs)->xSleep(base(vfs), us); }
  static int now(sqlite3_vfs* vfs, double* days) {
    return base(vfs)->xCurrentTime(base(vfs), days);
  }
  static int now_ms(sqlite3_vfs* vfs, sqlite3_int64* ms) {
    return base(vfs)->xCurrentTimeInt64(base(vfs), ms);
  }
  static int last_error(sqlite3_vfs* vfs, int size, char* out) {
    return base(vfs)->xGetLastError(base(vfs), size, out);
  }

  // Version 2: with shared memory, without memory-mapped reads, which would pass the check by.
  static sqlite3_io_methods io_methods() {
    sqlite3_io_methods methods{};
    methods.iVersion = 2;
    methods.xClose = close;
    methods.xRead = read;
    methods.xWrite = write;
    methods.xTruncate = truncate;
    methods.xSync = sync;
    methods.xFileSize = size;
    methods.xLock = lock;
    methods.xUnlock = unlock;
    methods.xCheckReservedLock = check_reserved;
    methods.xFileControl = control;
    methods.xSectorSize = sector_size;
    methods.xDeviceCharacteristics = characteristics;
    methods.xShmMap = shm_map;
    methods.xShmLock = shm_lock;
    methods.xShmBarrier = shm_barrier;
    methods.xShmUnmap = shm_unmap;
    return methods;
  }
};

PageChecksums::PageChecksums(const std::string& base, Verify verify)
    : base_(find_vfs(base)), verify_(verify), name_(base) {
  if (base_ == nullptr) return;
  static std::atomic<std::uint64_t> made = 0;
  name_ = "landfall-checksums-" + std::to_string(++made);
  vfs_ = *base_;
  vfs_.iVersion = 2;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + base_->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Methods::open;
  vfs_.xDelete = Methods::remove;
  vfs_.xAccess = Methods::access;
  vfs_.xFullPathname = Methods::full_path;
  vfs_.xRandomness = Methods::randomness;
  vfs_.xSleep = Methods::sleep;
  vfs_.xCurrentTime = Methods::now;
  vfs_.xGetLastError = Methods::last_error;
  vfs_.xCurrentTimeInt64 = Methods::now_ms;
  LANDFALL_ASSERT(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

PageChecksums::~PageChecksums() {
  if (base_ != nullptr) sqlite3_vfs_unregister(&vfs_);
}

bool lacks_checksums(const std::string& path, const std::string& vfs) {
  set_up_sqlite();  // the first file of a process is opened here
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, vfs.c_str());
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> closing(handle, sqlite3_close);
  sqlite3_file* file = nullptr;
  if (code != SQLITE_OK ||
      sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK)
    return false;
  return file != nullptr && file->pMethods != nullptr && was_written_without(file);
}

}  // namespace landfall::store
