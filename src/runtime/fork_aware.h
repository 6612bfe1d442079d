// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

namespace exprjit {

// Something that must be whole when the process forks. While it is registered, before_fork() is called on the forking
// thread before the fork, and after_fork() on it in the parent and in the child. No registered object may be locked by
// a thread that registers or unregisters one.
class ForkAware {
  public:
    ForkAware() = default;
    ForkAware(const ForkAware&) = delete;
    ForkAware& operator=(const ForkAware&) = delete;

    virtual void before_fork() = 0;
    virtual void after_fork(bool in_child) = 0;

  protected:
    ~ForkAware() = default;
    // Called last in the constructor and first in the destructor of the final class.
    void register_for_fork();
    void unregister_for_fork();

  private:
    friend struct ForkRegistry;
    ForkAware* next_ = nullptr;
    ForkAware* previous_ = nullptr;
};

}  // namespace exprjit
