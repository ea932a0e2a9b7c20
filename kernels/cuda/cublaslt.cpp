#include "kernels/cuda/cublaslt.h"

#if __has_include(<cublasLt.h>)
#include <cublasLt.h>

#include <vector>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace fovea::kernels::cuda {
namespace {

#ifdef _WIN32
using LibraryHandle = HMODULE;
LibraryHandle open_library() {
  for (const char* name : {"cublasLt64_13.dll", "cublasLt64_12.dll"}) {
    if (LibraryHandle library = LoadLibraryA(name)) return library;
  }
  return nullptr;
}
void* symbol(LibraryHandle library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(library, name));
}
void close_library(LibraryHandle library) {
  FreeLibrary(library);
}
#else
using LibraryHandle = void*;
LibraryHandle open_library() {
  for (const char* name : {"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so"}) {
    if (LibraryHandle library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}
void* symbol(LibraryHandle library, const char* name) {
  return dlsym(library, name);
}
void close_library(LibraryHandle library) {
  dlclose(library);
}
#endif

struct Functions {
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtMatmulDescCreate) desc_create;
  decltype(&cublasLtMatmulDescDestroy) desc_destroy;
  decltype(&cublasLtMatmulDescSetAttribute) desc_set;
  decltype(&cublasLtMatrixLayoutCreate) layout_create;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic;
  decltype(&cublasLtMatmul) matmul;
};

template <typename Function>
bool find(LibraryHandle library, Function& function, const char* name) {
  function = reinterpret_cast<Function>(symbol(library, name));
  return function != nullptr;
}

bool find_all(LibraryHandle library, Functions& f) {
  return find(library, f.create, "cublasLtCreate") && find(library, f.destroy, "cublasLtDestroy") &&
         find(library, f.desc_create, "cublasLtMatmulDescCreate") &&
         find(library, f.desc_destroy, "cublasLtMatmulDescDestroy") &&
         find(library, f.desc_set, "cublasLtMatmulDescSetAttribute") &&
         find(library, f.layout_create, "cublasLtMatrixLayoutCreate") &&
         find(library, f.layout_destroy, "cublasLtMatrixLayoutDestroy") &&
         find(library, f.preference_create, "cublasLtMatmulPreferenceCreate") &&
         find(library, f.preference_destroy, "cublasLtMatmulPreferenceDestroy") &&
         find(library, f.preference_set, "cublasLtMatmulPreferenceSetAttribute") &&
         find(library, f.heuristic, "cublasLtMatmulAlgoGetHeuristic") &&
         find(library, f.matmul, "cublasLtMatmul");
}

bool ok(cublasStatus_t status) {
  return status == CUBLAS_STATUS_SUCCESS;
}

// What one shape needs; empty where the library refused it.
struct Plan {
  std::size_t rows = 0;
  std::size_t outputs = 0;
  std::size_t columns = 0;
  std::size_t x_stride = 0;
  cublasLtMatrixLayout_t weight = nullptr;
  cublasLtMatrixLayout_t x = nullptr;
  cublasLtMatrixLayout_t out = nullptr;
  cublasLtMatmulAlgo_t algorithm = {};
  bool usable = false;
};

}  // namespace

struct CublasLt::State {
  LibraryHandle library = nullptr;
  Functions f = {};
  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulDesc_t desc = nullptr;
  std::vector<Plan> plans;

  ~State() {
    for (const Plan& plan : plans) {
      for (cublasLtMatrixLayout_t layout : {plan.weight, plan.x, plan.out}) {
        if (layout != nullptr) f.layout_destroy(layout);
      }
    }
    if (desc != nullptr) f.desc_destroy(desc);
    if (handle != nullptr) f.destroy(handle);
    if (library != nullptr) close_library(library);
  }

  bool start() {
    library = open_library();
    if (library == nullptr || !find_all(library, f) || !ok(f.create(&handle))) return false;
    const cublasOperation_t transposed = CUBLAS_OP_T;
    return ok(f.desc_create(&desc, CUBLAS_COMPUTE_32F, CUDA_R_32F)) &&
           ok(f.desc_set(desc, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof(transposed)));
  }

  // The library thinks in columns: its matrices are ours transposed, out^T = (weight^T)^T x^T.
  void choose(Plan& plan) const {
    cublasLtMatmulPreference_t preference = nullptr;
    if (!ok(f.layout_create(&plan.weight, CUDA_R_16F, plan.columns, plan.outputs,
                            static_cast<std::int64_t>(plan.columns))) ||
        !ok(f.layout_create(&plan.x, CUDA_R_16F, plan.columns, plan.rows,
                            static_cast<std::int64_t>(plan.x_stride))) ||
        !ok(f.layout_create(&plan.out, CUDA_R_32F, plan.outputs, plan.rows,
                            static_cast<std::int64_t>(plan.outputs))) ||
        !ok(f.preference_create(&preference))) {
      return;
    }
    const std::size_t bytes = kWorkspaceBytes;
    cublasLtMatmulHeuristicResult_t result = {};
    int found = 0;
    plan.usable =
        ok(f.preference_set(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof(bytes))) &&
        ok(f.heuristic(handle, desc, plan.weight, plan.x, plan.out, plan.out, preference, 1, &result,
                       &found)) &&
        found == 1 && ok(result.state);
    plan.algorithm = result.algo;
    f.preference_destroy(preference);
  }

  const Plan& plan_for(std::size_t rows, std::size_t outputs, std::size_t columns, std::size_t x_stride) {
    for (const Plan& plan : plans) {
      if (plan.rows == rows && plan.outputs == outputs && plan.columns == columns &&
          plan.x_stride == x_stride) {
        return plan;
      }
    }
    // Prompts end in any number of rows: old shapes make room.
    constexpr std::size_t kMostPlans = 256;
    if (plans.size() == kMostPlans) {
      for (cublasLtMatrixLayout_t layout : {plans[0].weight, plans[0].x, plans[0].out}) {
        if (layout != nullptr) f.layout_destroy(layout);
      }
      plans.erase(plans.begin());
    }
    Plan& plan = plans.emplace_back();
    plan.rows = rows;
    plan.outputs = outputs;
    plan.columns = columns;
    plan.x_stride = x_stride;
    choose(plan);
    return plan;
  }
};

CublasLt::CublasLt() : m_state(std::make_unique<State>()) {}
CublasLt::~CublasLt() = default;

std::unique_ptr<CublasLt> CublasLt::load() {
  std::unique_ptr<CublasLt> library(new CublasLt);
  if (!library->m_state->start()) return nullptr;
  return library;
}

bool CublasLt::takes(std::size_t rows, std::size_t outputs, std::size_t columns, std::size_t x_stride) {
  return m_state->plan_for(rows, outputs, columns, x_stride).usable;
}

bool CublasLt::multiply(float* out, const std::uint16_t* weight, const std::uint16_t* x, std::size_t rows,
                        std::size_t outputs, std::size_t columns, std::size_t x_stride, void* workspace,
                        cudaStream_t stream) {
  const Plan& plan = m_state->plan_for(rows, outputs, columns, x_stride);
  if (!plan.usable) return false;
  const float one = 1;
  const float zero = 0;
  return ok(m_state->f.matmul(m_state->handle, m_state->desc, &one, weight, plan.weight, x, plan.x, &zero,
                              out, plan.out, out, plan.out, &plan.algorithm, workspace, kWorkspaceBytes,
                              stream));
}

}  // namespace fovea::kernels::cuda

#else  // built without the library's header

namespace fovea::kernels::cuda {

struct CublasLt::State {};
CublasLt::CublasLt() = default;
CublasLt::~CublasLt() = default;
std::unique_ptr<CublasLt> CublasLt::load() {
  return nullptr;
}
bool CublasLt::takes(std::size_t, std::size_t, std::size_t, std::size_t) {
  return false;
}
bool CublasLt::multiply(float*, const std::uint16_t*, const std::uint16_t*, std::size_t, std::size_t,
                        std::size_t, std::size_t, void*, cudaStream_t) {
  return false;
}

}  // namespace fovea::kernels::cuda

#endif
