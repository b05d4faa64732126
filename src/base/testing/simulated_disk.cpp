#include "base/testing/simulated_disk.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <set>

namespace iot::testing {
namespace {

constexpr std::uint64_t sector_bytes = 512;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

struct SimulatedDisk::Node {
  /// A write, or, where there are no bytes, a change of size.
  struct Change {
    std::uint64_t offset = 0;
    std::string bytes;
    std::optional<std::uint64_t> size = {};
  };

  static void write(std::string& data, std::uint64_t offset, std::string_view bytes) {
    if (data.size() < offset + bytes.size()) data.resize(offset + bytes.size());
    std::copy(bytes.begin(), bytes.end(), data.begin() + static_cast<std::ptrdiff_t>(offset));
  }

  static void apply(std::string& data, const Change& change) {
    if (change.size) {
      data.resize(*change.size);
    } else {
      write(data, change.offset, change.bytes);
    }
  }

  /// A random part of the change: all, nothing, or some of its sectors.
  static void apply_part(std::string& data, const Change& change, std::mt19937_64& random) {
    const auto choice = random() % 4;
    if (choice == 0) return;
    if (choice == 1 || change.size) return apply(data, change);
    std::uint64_t done = 0;
    while (done < change.bytes.size()) {
      const std::uint64_t to_boundary = sector_bytes - (change.offset + done) % sector_bytes;
      const std::uint64_t count = std::min<std::uint64_t>(to_boundary, change.bytes.size() - done);
      if (random() % 2 == 0) write(data, change.offset + done, std::string_view(change.bytes).substr(done, count));
      done += count;
    }
  }

  std::string visible;
  std::string durable;
  std::vector<Change> unsynced;
};

struct SimulatedDisk::NameChange {
  std::string remove;
  std::string add;
  std::shared_ptr<Node> node;
};

struct SimulatedDisk::Handle final : public File {
  Handle(SimulatedDisk& owner, std::shared_ptr<Node> file, std::string name, bool may_write)
      : disk(owner), node(std::move(file)), path(std::move(name)), life(owner.life_), writable(may_write) {}

  /// Runs `change` as one operation of the disk.
  template <class Change>
  Result<void> operate(Change change) {
    const std::scoped_lock lock(disk.mutex_);
    if (!writable) return system_error(EBADF, "write " + path);
    // A file opened before the crash belongs to a process that is gone.
    if (life != disk.life_) return system_error(EIO, "use " + path);
    return change();
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    return operate([&] { return disk.write(*node, offset, bytes, path); });
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    const std::scoped_lock lock(disk.mutex_);
    const std::string& data = node->visible;
    if (offset >= data.size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(into.size(), data.size() - offset);
    std::copy_n(data.data() + offset, count, into.data());
    return count;
  }
  Result<void> sync_data() override {
    return operate([&] { return disk.sync(*node, path); });
  }
  Result<void> allocate(std::uint64_t bytes) override {
    return operate([&] { return disk.resize(*node, std::max<std::uint64_t>(bytes, node->visible.size()), path); });
  }
  Result<void> truncate(std::uint64_t bytes) override {
    return operate([&] { return disk.resize(*node, bytes, path); });
  }
  Result<std::uint64_t> size() const override {
    const std::scoped_lock lock(disk.mutex_);
    return std::uint64_t{node->visible.size()};
  }

  SimulatedDisk& disk;
  std::shared_ptr<Node> node;
  std::string path;
  std::uint64_t life;
  bool writable;
};

SimulatedDisk::SimulatedDisk(std::uint64_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}
SimulatedDisk::~SimulatedDisk() = default;

SimulatedDisk::Verdict SimulatedDisk::begin_operation() {
  if (is_killed_) return {Fate::fails_dead, EIO};
  const std::uint64_t number = operations_++;
  if (power_cut_ && number > *power_cut_) return {Fate::fails_dead, EIO};
  if (power_cut_ == number) return {Fate::fails_in_cut, EIO};
  if (operation_fault_.covers(number)) return {Fate::fails, operation_fault_.errno_value};
  return {};
}

void SimulatedDisk::apply(Names& names, const NameChange& change) {
  if (!change.remove.empty()) names.erase(change.remove);
  if (!change.add.empty()) names[change.add] = change.node;
}

Result<void> SimulatedDisk::change_names(NameChange change) {
  const std::string& path = change.remove.empty() ? change.add : change.remove;
  const Verdict verdict = begin_operation();
  if (verdict.fate == Fate::succeeds || verdict.fate == Fate::fails_in_cut) unsynced_names_.push_back(change);
  if (verdict.fate != Fate::succeeds) return system_error(verdict.errno_value, "change " + path);
  apply(visible_, change);
  return {};
}

Result<std::unique_ptr<File>> SimulatedDisk::open(const std::string& path, OpenMode mode) {
  const std::scoped_lock lock(mutex_);
  auto found = visible_.find(path);
  if (mode == OpenMode::create) {
    if (found != visible_.end()) return system_error(EEXIST, "open " + path);
    IOT_CHECK(change_names({{}, path, std::make_shared<Node>()}));
    found = visible_.find(path);
  }
  if (found == visible_.end()) return system_error(ENOENT, "open " + path);
  return std::unique_ptr<File>(std::make_unique<Handle>(*this, found->second, path, mode != OpenMode::read));
}

Result<void> SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const std::scoped_lock lock(mutex_);
  const auto found = visible_.find(from);
  if (found == visible_.end()) return system_error(ENOENT, "rename " + from);
  return change_names({from, to, found->second});
}

Result<void> SimulatedDisk::remove(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (!visible_.contains(path)) return system_error(ENOENT, "unlink " + path);
  return change_names({path, {}, nullptr});
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::string& directory) {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [path, node] : visible_) {
    if (directory_of(path) == directory) names.push_back(path.substr(directory.size() + 1));
  }
  return names;
}

Result<void> SimulatedDisk::make_directory(const std::string& path) {
  // Directories are there as soon as something lies in them; only the entries below matter to the tests.
  static_cast<void>(path);
  return {};
}

Result<void> SimulatedDisk::sync_directory(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (const int error = begin_operation().errno_value; error != 0) return system_error(error, "fsync " + path);
  std::erase_if(unsynced_names_, [&](const NameChange& change) {
    if (directory_of(change.remove.empty() ? change.add : change.remove) != path) return false;
    apply(durable_, change);
    return true;
  });
  return {};
}

Result<void> SimulatedDisk::write(Node& node, std::uint64_t offset, std::string_view bytes, const std::string& path) {
  const Verdict verdict = begin_operation();
  int error = verdict.errno_value;
  std::string_view written = bytes;
  if (verdict.fate == Fate::fails_dead) return system_error(error, "write " + path);
  if (verdict.fate == Fate::fails) written = bytes.substr(0, bytes.size() / 2);
  if (const std::uint64_t end = offset + bytes.size(); error == 0 && end > node.visible.size()) {
    const std::uint64_t used = used_bytes_locked();
    const std::uint64_t room = capacity_bytes_ > used ? capacity_bytes_ - used : 0;
    const std::uint64_t growth = end - node.visible.size();
    if (growth > room) {
      error = ENOSPC;
      written = bytes.substr(0, growth - room < bytes.size() ? bytes.size() - (growth - room) : 0);
    }
  }
  if (!written.empty()) {
    Node::write(node.visible, offset, written);
    node.unsynced.push_back({offset, std::string(written)});
  }
  if (error != 0) return system_error(error, "write " + path);
  return {};
}

Result<void> SimulatedDisk::resize(Node& node, std::uint64_t bytes, const std::string& path) {
  if (const int error = begin_operation().errno_value; error != 0) return system_error(error, "resize " + path);
  if (bytes > node.visible.size()) {
    const std::uint64_t used = used_bytes_locked();
    if (used > capacity_bytes_ || bytes - node.visible.size() > capacity_bytes_ - used) {
      return system_error(ENOSPC, "resize " + path);
    }
  }
  node.visible.resize(bytes);
  node.unsynced.push_back({0, {}, bytes});
  return {};
}

Result<void> SimulatedDisk::sync(Node& node, const std::string& path) {
  if (const Verdict verdict = begin_operation(); verdict.fate != Fate::succeeds) {
    if (verdict.fate == Fate::fails) node.unsynced.clear();
    return system_error(verdict.errno_value, "fdatasync " + path);
  }
  if (sync_fault_.covers(syncs_++)) {
    node.unsynced.clear();
    return system_error(sync_fault_.errno_value, "fdatasync " + path);
  }
  for (const auto& change : node.unsynced) Node::apply(node.durable, change);
  node.unsynced.clear();
  return {};
}

std::uint64_t SimulatedDisk::operations() const {
  const std::scoped_lock lock(mutex_);
  return operations_;
}

void SimulatedDisk::fail_operations(std::uint64_t first, int errno_value, std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  operation_fault_ = {operations_ + first, count, errno_value};
}

void SimulatedDisk::fail_syncs(std::uint64_t first, int errno_value, std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  sync_fault_ = {syncs_ + first, count, errno_value};
}

void SimulatedDisk::cut_power_at(std::uint64_t operation) {
  const std::scoped_lock lock(mutex_);
  power_cut_ = operations_ + operation;
}

bool SimulatedDisk::is_powered() const {
  const std::scoped_lock lock(mutex_);
  return !power_cut_ || operations_ <= *power_cut_;
}

void SimulatedDisk::crash() {
  const std::scoped_lock lock(mutex_);
  crash_locked(nullptr);
}

void SimulatedDisk::crash(std::mt19937_64& random) {
  const std::scoped_lock lock(mutex_);
  crash_locked(&random);
}

void SimulatedDisk::crash_locked(std::mt19937_64* random) {
  std::size_t kept_names = random != nullptr ? (*random)() % (unsynced_names_.size() + 1) : 0;
  for (std::size_t index = 0; index < kept_names; ++index) apply(durable_, unsynced_names_[index]);
  unsynced_names_.clear();
  visible_ = durable_;
  for (auto& [path, node] : visible_) {
    if (random != nullptr) {
      for (const auto& change : node->unsynced) Node::apply_part(node->durable, change, *random);
    }
    node->unsynced.clear();
    node->visible = node->durable;
  }
  begin_life();
}

void SimulatedDisk::kill_process() {
  const std::scoped_lock lock(mutex_);
  is_killed_ = true;
}

bool SimulatedDisk::restart_process() {
  const std::scoped_lock lock(mutex_);
  if (power_cut_ && operations_ > *power_cut_) return false;
  begin_life();
  return true;
}

void SimulatedDisk::begin_life() {
  ++life_;
  is_killed_ = false;
  operation_fault_ = {};
  sync_fault_ = {};
  power_cut_.reset();
}

void SimulatedDisk::set_capacity(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  capacity_bytes_ = bytes;
}

std::uint64_t SimulatedDisk::used_bytes_locked() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, node] : visible_) bytes += node->visible.size();
  return bytes;
}

std::uint64_t SimulatedDisk::used_bytes() const {
  const std::scoped_lock lock(mutex_);
  return used_bytes_locked();
}

std::string SimulatedDisk::contents(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  return visible_.at(path)->visible;
}

void SimulatedDisk::replace_contents(const std::string& path, std::string bytes) {
  const std::scoped_lock lock(mutex_);
  Node& node = *visible_.at(path);
  node.visible = bytes;
  node.durable = std::move(bytes);
  node.unsynced.clear();
}

bool SimulatedDisk::exists(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  return visible_.contains(path);
}

}  // namespace iot::testing
